// SPDX-License-Identifier: Apache-2.0
'use strict';

// What the client sees of a broker that asks for tokens.

const assert = require('node:assert/strict');
const { client, connected, inbox, refusal, root, texts, tokenOf, until, whenThere } = require('./support');

const limited = (more = {}) =>
  tokenOf({ sub: 'limited', read: [`${root}/in/#`, `${root}/both`], write: [`${root}/out/+`, `${root}/both`], ...more });

module.exports = {
  async shouldRefuseToConnect() {
    const good = { sub: 'a', read: ['#'] };
    const past = Math.floor(Date.now() / 1000) - 60;
    const bad = {
      none: '',
      garbage: 'garbage',
      'another key': tokenOf(good, 'some other key that is long enough'),
      expired: tokenOf({ ...good, exp: past }),
      'not yet valid': tokenOf({ ...good, nbf: past + 3600 }),
      'no rules': tokenOf({ sub: 'a' }),
    };
    for (const [what, credentials] of Object.entries(bad)) {
      const one = client({}, credentials);
      assert.match((await refusal(one.connect())).message, /401/, what);
      assert.deepEqual(one.lifecycle, ['offline'], what);
    }
  },

  async shouldAllowWhatTheTokenSays() {
    const one = await connected({}, limited());
    const messages = await inbox(one, `${root}/both`);
    await inbox(one, `${root}/in/#`);
    await one.publish(`${root}/out/a`, 'x');
    const { id } = await one.publish(`${root}/both`, 'y');
    await whenThere(messages, 1);
    assert.deepEqual(messages[0], { id, message: 'y', origin: 'limited', topic: `${root}/both` });
    assert.equal((await one.set(`${root}/both`, 'v')).success, true);
    assert.equal((await one.get(`${root}/both`)).value, 'v');
    assert.equal((await one.del(`${root}/both`)).success, true);
  },

  async shouldRefuseWhatTheTokenDoesNotSay() {
    const one = await connected({}, limited());
    const [read, write, wide] = [`${root}/in/a`, `${root}/out/a`, `${root}/#`];
    const cases = [
      [one.subscribe(write, () => {}), `You are not allowed to subscribe to topic: ${write}`],
      [one.subscribe(wide, () => {}), `You are not allowed to subscribe to topic: ${wide}`],
      [one.publish(read, 'x'), `Insufficient access to topic: ${read}`],
      [one.getEventlog(write, { since: 1 }), `You are not allowed to read from topic: ${write}`],
      [one.get(write), `You are not allowed to read key ${write}`],
      [one.set(read, 'v'), `You are not allowed to write key ${read}`],
      [one.del(read), `You are not allowed to delete key ${read}`],
    ];
    for (const [promise, data] of cases) {
      assert.deepEqual(await refusal(promise), { code: -32602, data, message: 'Invalid params' });
    }
    assert.deepEqual(await one.listSubscriptions(), []);
  },

  async shouldLimitTheRateOfPublishing() {
    const topic = `${root}/out/limited`;
    const one = await connected({}, limited({ rlimit: [{ topic, interval: 3600, max: 2 }] }));
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await one.publish(topic, 'x')).status);
    }
    assert.deepEqual(statuses, ['ok', 'ok', 'ERR_RATE_LIMIT_EXCEEDED']);
    assert.equal((await one.publish(`${root}/out/other`, 'x')).status, 'ok');
  },

  async shouldEndTheConnectionWithTheToken() {
    const exp = Math.floor(Date.now() / 1000) + 6;
    const one = await connected({ reconnectInterval: 50 }, limited({ exp }));
    const messages = await inbox(one, `${root}/both`);
    await one.publish(`${root}/both`, 'in time');
    await whenThere(messages, 1);
    assert.deepEqual(texts(messages), ['in time']);

    // and it is not let in again, as often as it tries
    await until('two attempts to come back', () => one.lifecycle.filter((each) => each === 'reconnect').length >= 2);
    assert.ok(Date.now() >= exp * 1000);
    assert.equal(one.lifecycle.filter((each) => each === 'connect').length, 1);
  },
};
