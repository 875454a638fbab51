// SPDX-License-Identifier: Apache-2.0
'use strict';

// A broker that is killed, and started again on the same port, by whoever runs this: the line "kill" asks for it.
// The client comes back by itself, and asks for what it has missed.

const assert = require('node:assert/strict');
const { connected, received, root, sent, texts, until } = require('./support');

const kills = 3;
const perPhase = 60;

/** How far the publisher is ahead of the subscriber at most, so that what is missed is less than history gives. */
const ahead = 8;

/** Publishes one after the other, also through restarts, and notes what was acknowledged. */
class Publisher {
  constructor(client, topics) {
    this.client = client;
    this.topics = topics;
    this.next = 0;
    this.acknowledged = new Map();
  }

  /** Publishes once; what becomes of it is unknown when the connection ends before the answer. */
  async publish() {
    const text = String(this.next++);
    const topic = this.topics[text % this.topics.length];
    let lost;
    const gone = new Promise((resolve) => (lost = () => resolve(undefined)));
    this.client.on('offline', lost);
    const answer = await Promise.race([this.client.publish(topic, text).catch(() => undefined), gone]);
    this.client.off('offline', lost);
    if (answer !== undefined) {
      assert.equal(answer.status, 'ok');
      this.acknowledged.set(text, answer.id);
    }
  }
}

/** Nothing that was acknowledged is missing, nothing is there twice, and all is in order. */
function judge(what, messages, acknowledged, of) {
  const seen = texts(messages);
  const missing = [...acknowledged.keys()].filter((each) => of(each) && !seen.includes(each));
  assert.deepEqual(missing, [], `missing in ${what}`);
  assert.deepEqual(
    seen,
    [...new Set(seen)].sort((a, b) => a - b),
    `order of ${what}`,
  );
  for (const each of messages) {
    assert.ok(of(each.message), `${each.message} in ${what}`);
    assert.equal(each.id, acknowledged.get(each.message) ?? each.id, `id in ${what}`);
  }
}

module.exports = {
  async shouldMissNothingWhenTheBrokerIsKilled() {
    const topics = [`${root}/even`, `${root}/odd`];
    // The publisher is back first, and what it publishes until the subscriber is back too is history.
    const publishing = await connected({ reconnectInterval: 20 });
    const subscriber = await connected({ reconnectInterval: 1500, pingInterval: 200 });
    const publisher = new Publisher(publishing, topics);
    const lists = { even: [], all: [] };
    await subscriber.subscribe(topics[0], (each) => lists.even.push(each));
    await subscriber.subscribe(`${root}/#`, (each) => lists.all.push(each));
    const paced = () => until('the subscriber to follow', () => lists.all.length + ahead > publisher.acknowledged.size);

    for (let kill = 1; kill <= kills; kill++) {
      // given live messages
      for (let i = 0; i < perPhase; i++) {
        await publisher.publish();
        await paced();
      }

      // when the broker is killed meanwhile
      const connections = publishing.lifecycle.filter((each) => each === 'connect').length;
      console.log('kill');
      while (publishing.lifecycle.at(-1) === 'connect') {
        await publisher.publish();
        if (publishing.lifecycle.at(-1) === 'connect') {
          await Promise.race([paced(), until('offline', () => publishing.lifecycle.at(-1) !== 'connect')]);
        }
      }
      await until('the publisher is back', () => publishing.lifecycle.filter((each) => each === 'connect').length > connections);
      const before = lists.all.length;
      for (let i = 0; i < perPhase; i++) {
        await publisher.publish();
      }

      // then the subscriber is back, with what it has missed
      await until('the subscriber is back', () => subscriber.lifecycle.filter((each) => each === 'connect').length > kill);
      const last = String(publisher.next - 1);
      await until('what was missed', () => lists.all.some((each) => each.message === last));
      assert.ok(lists.all.length >= before + perPhase);
    }

    // One more for each topic: what comes before it has come.
    await publisher.publish();
    await publisher.publish();
    const end = publisher.next;
    const hasEnd = (list, number) => list.some((each) => each.message === String(number));
    await until('the end', () => hasEnd(lists.all, end - 1) && (hasEnd(lists.even, end - 1) || hasEnd(lists.even, end - 2)));

    judge('the topic', lists.even, publisher.acknowledged, (each) => each % 2 === 0);
    judge('the pattern', lists.all, publisher.acknowledged, () => true);
    assert.ok(publisher.acknowledged.size > 2 * perPhase * kills);
    const offline = subscriber.lifecycle.filter((each) => each === 'offline').length;
    assert.ok(offline >= kills, subscriber.lifecycle.join());

    // and the broker has said so, each time and for both
    const resumed = sent.filter((each) => each.method === 'subscribe' && each.params.sinceEventId !== undefined);
    assert.equal(resumed.length, 2 * kills);
    const said = received.filter((each) => each.result?.recovered !== undefined);
    assert.equal(said.length, 2 * kills);
    said.forEach((each) => assert.deepEqual([each.result.recovered, each.result.missed], [true, 0]));
  },
};
