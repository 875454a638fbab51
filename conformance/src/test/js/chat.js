// SPDX-License-Identifier: Apache-2.0
'use strict';

// The chat of docs/chat as its users have it: its client, and two of its workers, each in a process of its own.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const WebSocket = require('ws');

const directory = path.resolve(process.env.CHAT_DIRECTORY);
const { Chat } = require(path.join(directory, 'chat.js'));

const deadlineMillis = 60_000;

/** A worker that has begun to consume. */
async function worker() {
  const node = spawn(process.execPath, [path.join(directory, 'worker.js'), process.env.CONNMIX_API], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = readline.createInterface({ input: node.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'ready');
  return {
    /** Ends it; gives how much it has handled. */
    async end() {
      node.stdin.end();
      return Number((await lines.next()).value.match(/^handled (\d+)$/)[1]);
    },
  };
}

/** Somebody with a list of what they were told. */
async function person(name, room) {
  const events = [];
  const chat = new Chat(process.env.CONNMIX_CLIENT, (event) => events.push(event), WebSocket);
  const id = await chat.join(room, name);
  await until(() => events.some((event) => event.type === 'joined' && event.id === id));
  return { id, name, chat, events, of: (type) => events.filter((event) => event.type === type) };
}

async function until(condition) {
  const end = Date.now() + deadlineMillis;
  while (!condition()) {
    assert.ok(Date.now() < end, `not within ${deadlineMillis} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

module.exports = {
  async shouldServeAChat() {
    const workers = await Promise.all([worker(), worker()]);
    const ann = await person('ann', 'tea');
    const bob = await person('bob', 'tea');
    const eve = await person('eve', 'coffee');
    assert.match(ann.id, /^\d{18,19}$/);

    // Presence: who was there hears who comes, and who comes hears who is there.
    await until(() => ann.of('joined').some(({ id }) => id === bob.id));
    await until(() => bob.of('present').length === 1);
    assert.deepEqual(bob.of('present'), [{ type: 'present', id: ann.id, name: 'ann' }]);

    // Rooms: all in the room hear everything once, also from themselves; nobody else does.
    const count = 300;
    for (let i = 0; i < count; i++) {
      ann.chat.say(`a ${i}`);
      bob.chat.say(`b ${i}`);
    }
    const expected = Array.from({ length: count }, (_, i) => [`a ${i}`, `b ${i}`])
      .flat()
      .sort();
    for (const each of [ann, bob]) {
      await until(() => each.of('said').length >= expected.length);
      assert.deepEqual(
        each
          .of('said')
          .map(({ text }) => text)
          .sort(),
        expected,
      );
      assert.ok(each.of('said').every(({ id, name, text }) => (text[0] === 'a' ? id === ann.id && name === 'ann' : id === bob.id && name === 'bob')));
    }

    // One person alone.
    ann.chat.whisper(eve.id, 'psst');
    await until(() => eve.of('told').length === 1);
    assert.deepEqual(eve.of('told'), [{ type: 'told', id: ann.id, name: 'ann', text: 'psst' }]);

    // Presence again: the context of a connection that has ended.
    bob.chat.close();
    await until(() => ann.of('left').length === 1);
    assert.deepEqual(ann.of('left'), [{ type: 'left', id: bob.id, name: 'bob' }]);
    ann.chat.whisper(bob.id, 'still there?');
    await until(() => ann.of('gone').length === 1);
    assert.deepEqual(ann.of('gone'), [{ type: 'gone', id: bob.id }]);
    assert.deepEqual(eve.of('said').concat(eve.of('left')), []);

    // Two workers have shared the work, and nothing was handled twice.
    const handled = await Promise.all(workers.map((each) => each.end()));
    const joins = 3;
    const greetings = 1;
    const whispers = 2;
    const ends = 1;
    assert.equal(handled[0] + handled[1], joins + greetings + 2 * count + whispers + ends);
    assert.ok(Math.min(...handled) > 0, `handled: ${handled}`);
    ann.chat.close();
    eve.chat.close();
  },
};
