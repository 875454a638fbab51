// SPDX-License-Identifier: Apache-2.0
'use strict';

// Every operation of the client, with or without a token.

const assert = require('node:assert/strict');
const { client, connected, inbox, origin, received, refusal, root, sent, texts, until, whenThere } = require('./support');

module.exports = {
  async shouldConnectAndDisconnect() {
    const one = client();
    assert.equal(await one.connect(), true);
    assert.deepEqual(one.lifecycle, ['connect']);

    await one.disconnect();
    assert.deepEqual(one.lifecycle, ['connect', 'disconnect']);
    assert.match((await refusal(one.listSubscriptions())).message, /not connected/);

    // and the same client again
    assert.equal(await one.connect(), true);
    assert.deepEqual(await one.listSubscriptions(), []);
  },

  async shouldTellThatNobodyAnswers() {
    const nobody = new (require('eventhub-jsclient').Eventhub)('ws://127.0.0.1:1');
    const events = [];
    nobody.on('offline', () => events.push('offline'));
    await refusal(nobody.connect());
    assert.deepEqual(events, ['offline']);
  },

  async shouldDeliverWhatIsPublished() {
    const publisher = await connected();
    const subscriber = await connected();
    const topic = `${root}/news`;
    const messages = await inbox(subscriber, topic);
    assert.deepEqual(messages.confirmation, { action: 'subscribe', status: 'ok', topic });
    assert.equal(subscriber.isSubscribed(topic), true);

    const answer = await publisher.publish(topic, 'hello');
    assert.match(answer.id, /^\d+-\d+$/);
    assert.deepEqual(answer, { action: 'publish', id: answer.id, status: 'ok', topic });

    await whenThere(messages, 1);
    assert.deepEqual(messages[0], { id: answer.id, message: 'hello', topic, ...origin });
    await assert.rejects(subscriber.subscribe(topic, () => {}), /Already subscribed/);
  },

  async shouldDeliverToThePublisherItself() {
    const one = await connected();
    const messages = await inbox(one, `${root}/echo`);
    await one.publish(`${root}/echo`, 'me');
    await whenThere(messages, 1);
  },

  async shouldCarryAnyText() {
    const one = await connected();
    const messages = await inbox(one, `${root}/texts`);
    const all = [
      ' ',
      '"quoted" \\ back / slash',
      'lines\r\nand\ttabs\u0000\u001f\u007f',
      'Grüße, 你好, 😀, \u2028\u2029',
      '{"json":[1,2.5,null]}',
      'x'.repeat(65_535),
      'é'.repeat(500_000),
    ];
    for (const text of all) {
      await one.publish(`${root}/texts`, text);
    }
    await whenThere(messages, all.length);
    assert.deepEqual(texts(messages), all);
  },

  async shouldKeepTheOrderOfAThousandPublishes() {
    const publisher = await connected();
    const messages = await inbox(await connected(), `${root}/+`);
    const numbers = Array.from({ length: 1000 }, (_, i) => String(i));
    const answers = await Promise.all(numbers.map((i) => publisher.publish(`${root}/order`, i)));
    await whenThere(messages, numbers.length);
    assert.deepEqual(texts(messages), numbers);
    assert.deepEqual(
      messages.map((each) => each.id),
      answers.map((each) => each.id),
    );
  },

  async shouldMatchPatterns() {
    const one = await connected();
    const patterns = ['+/c', '#', 'a/#', 'a/+', 'a/c', 'b/#'].map((each) => `${root}/${each}`);
    const lists = {};
    for (const pattern of patterns) {
      lists[pattern] = await inbox(one, pattern);
    }
    for (const topic of ['a', 'a/c', 'a/c/d', 'b/c']) {
      await one.publish(`${root}/${topic}`, topic);
    }
    await whenThere(lists[`${root}/#`], 4);
    // What has come for the last topic came after everything else.
    await whenThere(lists[`${root}/b/#`], 1);
    await whenThere(lists[`${root}/+/c`], 2);
    const seen = patterns.map((pattern) => texts(lists[pattern]));
    assert.deepEqual(seen, [
      ['a/c', 'b/c'],
      ['a', 'a/c', 'a/c/d', 'b/c'],
      ['a', 'a/c', 'a/c/d'],
      ['a/c'],
      ['a/c'],
      ['b/c'],
    ]);
  },

  async shouldGiveHistorySinceATimeOrAnEvent() {
    const publisher = await connected();
    const begin = Date.now();
    const all = ['m0', 'm1', 'm2', 'm3', 'm4'];
    const cases = [
      [() => ({ since: begin - 1000 }), all, { recovered: true }],
      [() => ({ since: -60_000 }), all, { recovered: true }],
      [() => ({ since: -60_000, limit: 2 }), ['m3', 'm4'], { recovered: false }],
      [(ids) => ({ sinceEventId: ids[1] }), ['m2', 'm3', 'm4'], { missed: 0, recovered: true }],
      [(ids) => ({ since: ids[1] }), ['m2', 'm3', 'm4'], { missed: 0, recovered: true }],
      [(ids) => ({ sinceEventId: ids[1], limit: 1 }), ['m4'], { missed: 2, recovered: false }],
      [(ids) => ({ sinceEventId: ids[4] }), [], { missed: 0, recovered: true }],
      [() => ({ sinceEventId: '1574843571767-0' }), all, { recovered: false }],
      [() => ({ sinceEventId: 'no id' }), all, { recovered: false }],
      [() => ({ since: 0 }), [], {}],
    ];
    for (let i = 0; i < cases.length; i++) {
      const [optionsOf, history, says] = cases[i];
      const topic = `${root}/history/${i}`;
      const ids = [];
      for (const text of all) {
        ids.push((await publisher.publish(topic, text)).id);
      }
      const messages = await inbox(await connected(), topic, optionsOf(ids));
      // What is published now comes after the history.
      await publisher.publish(topic, 'later');
      await whenThere(messages, history.length + 1);
      assert.deepEqual(texts(messages), [...history, 'later'], `case ${i}`);
      const told = Object.fromEntries(Object.keys(says).map((key) => [key, messages.confirmation[key]]));
      assert.deepEqual(told, says, `case ${i}: ${JSON.stringify(messages.confirmation)}`);
      assert.equal('recovered' in messages.confirmation, 'recovered' in says, `case ${i}`);
    }
  },

  async shouldGiveTheHistoryOfAPatternInTheOrderOfTime() {
    const one = await connected();
    const topics = ['a', 'b', 'a', 'c', 'b', 'a'].map((each) => `${root}/many/${each}`);
    for (let i = 0; i < topics.length; i++) {
      await one.publish(topics[i], String(i));
    }
    const messages = await inbox(one, `${root}/many/+`, { since: -60_000, limit: 4 });
    await whenThere(messages, 4);
    assert.deepEqual(
      messages.map((each) => [each.topic, each.message]),
      [2, 3, 4, 5].map((i) => [topics[i], String(i)]),
    );
  },

  async shouldPublishWithATimestamp() {
    const one = await connected();
    const topic = `${root}/times`;
    await one.publish(topic, 'second', { timestamp: 1_600_000_002_000 });
    await one.publish(topic, 'first', { timestamp: 1_600_000_001_000 });
    const { id } = await one.publish(topic, 'third', { timestamp: 1_600_000_003_000 });
    assert.match(id, /^1600000003000-\d+$/);

    const log = await one.getEventlog(topic, { since: 1_600_000_002_000 });
    assert.deepEqual(texts(log.items), ['second', 'third']);
  },

  async shouldForgetWhatHasExpired() {
    const one = await connected();
    const topic = `${root}/ttl`;
    await one.publish(topic, 'for a while', { ttl: 1 });
    await one.publish(topic, 'for long', { ttl: 3600 });
    await one.publish(topic, 'for ever');
    await until('an event to expire', async () => (await one.getEventlog(topic, { since: 1 })).items.length < 3);
    const log = await one.getEventlog(topic, { since: 1 });
    assert.deepEqual(texts(log.items), ['for long', 'for ever']);
  },

  async shouldUnsubscribe() {
    const one = await connected();
    const names = ['a', 'b', 'c', 'd/#'].map((each) => `${root}/${each}`);
    const lists = [];
    for (const name of names) {
      lists.push(await inbox(one, name));
    }
    assert.deepEqual((await one.listSubscriptions()).sort(), names);

    one.unsubscribe(names[0]);
    one.unsubscribe([names[1], names[3]]);
    assert.deepEqual(await one.listSubscriptions(), [names[2]]);
    assert.equal(one.isSubscribed(names[0]), false);
    for (const topic of ['a', 'b', 'd/e', 'c']) {
      await one.publish(`${root}/${topic}`, topic);
    }
    await whenThere(lists[2], 1);
    assert.deepEqual(lists.map(texts), [[], [], ['c'], []]);

    one.unsubscribeAll();
    assert.deepEqual(await one.listSubscriptions(), []);
    const counts = received.map((each) => each.result?.unsubscribe_count).filter((each) => each !== undefined);
    assert.deepEqual(counts, [1, 2, 1]);

    // and it can be subscribed to again
    const again = await inbox(one, names[0]);
    await one.publish(names[0], 'again');
    await whenThere(again, 1);
  },

  async shouldReadTheEventLog() {
    const one = await connected();
    const topic = `${root}/log`;
    const ids = [];
    for (let i = 0; i < 120; i++) {
      ids.push((await one.publish(topic, `m${i}`)).id);
    }
    const log = await one.getEventlog(topic, { since: -60_000 });
    assert.deepEqual([log.action, log.status, log.topic], ['eventlog', 'ok', topic]);
    assert.deepEqual(
      log.items.map((each) => each.id),
      ids.slice(20),
    );
    assert.deepEqual(log.items[0], { id: ids[20], message: 'm20', topic, ...origin });
    assert.deepEqual(texts((await one.getEventlog(topic, { sinceEventId: ids[116] })).items), ['m117', 'm118', 'm119']);
    assert.deepEqual(texts((await one.getEventlog(topic, { since: 1, limit: 2 })).items), ['m118', 'm119']);
    assert.deepEqual(texts((await one.getEventlog(`${root}/+`, { since: 1, limit: 1 })).items), ['m119']);
    assert.deepEqual((await one.getEventlog(`${root}/none`, { since: 1 })).items, []);
  },

  async shouldKeepKeys() {
    const one = await connected();
    const other = await connected();
    const key = `${root}/key`;
    assert.equal((await refusal(one.get(key))).data, 'KVStore: key not found');
    assert.deepEqual(await one.set(key, 'valüe "1"'), { action: 'set', key, success: true });
    assert.deepEqual(await other.get(key), { action: 'get', key, value: 'valüe "1"' });
    await one.set(key, '');
    assert.equal((await other.get(key)).value, '');
    assert.deepEqual(await other.del(key), { action: 'del', key, success: true });
    assert.deepEqual(await one.del(key), { action: 'del', key, success: false });
    assert.equal((await refusal(other.get(key))).data, 'KVStore: key not found');
  },

  async shouldForgetKeysWhoseTimeIsOver() {
    const one = await connected();
    await one.set(`${root}/long`, 'v', 3600);
    await one.set(`${root}/short`, 'v', 1);
    assert.equal((await one.get(`${root}/long`)).value, 'v');
    await until('a key to expire', () =>
      one.get(`${root}/short`).then(
        () => false,
        (error) => error.data === 'KVStore: key not found',
      ),
    );
    assert.equal((await one.get(`${root}/long`)).value, 'v');
  },

  async shouldRefuseWhatCannotBe() {
    const one = await connected();
    const cases = [
      [one.subscribe('a b', () => {}), 'Invalid topic in request: a b'],
      [one.publish(`${root}/+`, 'x'), `${root}/+ is not a valid topic.`],
      [one.publish(root, ''), 'You need to specify topic and message to publish to.'],
      [one.getEventlog('a#', { since: 1 }), 'Invalid topic in request: a#'],
    ];
    for (const [promise, data] of cases) {
      assert.deepEqual(await refusal(promise), { code: -32602, data, message: 'Invalid params' });
    }
    assert.deepEqual(await one.listSubscriptions(), []);
  },

  async shouldAnswerPings() {
    const before = Date.now();
    const one = await connected({ pingInterval: 20 });
    const pongs = () => received.filter((each) => each.result?.pong !== undefined);
    await until('pongs', () => pongs().length >= 5);
    const pings = sent.filter((each) => each.method === 'ping').map((each) => each.id);
    pongs().forEach((each, i) => {
      assert.equal(each.id, pings[i]);
      assert.ok(Math.abs(each.result.pong - before) < 60_000, `server time ${each.result.pong}`);
    });
    assert.deepEqual(one.lifecycle, ['connect']);
  },

  async shouldForgetHandlersOfLifecycleEvents() {
    const one = client();
    const heard = [];
    const handler = () => heard.push('connect');
    one.on('connect', handler);
    await one.connect();
    one.off('connect', handler);
    await one.disconnect();
    await one.connect();
    assert.deepEqual(heard, ['connect']);
  },
};
