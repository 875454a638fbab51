// SPDX-License-Identifier: Apache-2.0
'use strict';

// What the scenarios share: clients that are closed at the end, tokens, waiting, and a look at the frames.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const WebSocket = require('ws');
const { Eventhub } = require('eventhub-jsclient');

const url = process.env.EVENTHUB_URL;
const secret = process.env.EVENTHUB_SECRET || '';

/** Also for a broker to start on a busy machine. */
const deadlineMillis = 60_000;

/** Topics of a scenario are below this level, so that scenarios do not meet. */
const root = `js-${crypto.randomUUID()}`;

const open = [];

// --- Frames, as they pass the client's WebSocket, which it does not show. They are only looked at.

const sent = [];
const received = [];

const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data, ...rest) {
  sent.push(JSON.parse(data));
  return send.call(this, data, ...rest);
};
const emit = WebSocket.prototype.emit;
WebSocket.prototype.emit = function (event, ...rest) {
  if (event === 'message') {
    received.push(JSON.parse(rest[0]));
  }
  return emit.call(this, event, ...rest);
};

// --- Tokens

const part = (value) => Buffer.from(value).toString('base64url');

/** A token signed with HS256. */
function tokenOf(claims, key = secret) {
  const content = `${part(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))}.${part(JSON.stringify(claims))}`;
  return `${content}.${crypto.createHmac('sha256', key).update(content).digest('base64url')}`;
}

/** Who the scenarios are when tokens are needed, and what messages of theirs say of that. */
const subject = 'js-client';
const token = secret === '' ? undefined : tokenOf({ sub: subject, read: ['#'], write: ['#'] });
const origin = secret === '' ? {} : { origin: subject };

// --- Clients

/** A client with a list of its lifecycle events. */
function client(options = {}, credentials = token) {
  const made = new Eventhub(url, credentials, options);
  made.lifecycle = [];
  for (const event of ['connect', 'offline', 'reconnect', 'disconnect']) {
    made.on(event, () => made.lifecycle.push(event));
  }
  open.push(made);
  return made;
}

async function connected(options, credentials) {
  const made = client(options, credentials);
  assert.equal(await made.connect(), true);
  return made;
}

async function closeAll() {
  for (const each of open.splice(0)) {
    if (each.lifecycle.length > 0 && each.lifecycle.at(-1) !== 'disconnect') {
      await each.disconnect();
    }
  }
}

/** Subscribes, and gives the list to which messages are added. */
async function inbox(subscriber, topic, options) {
  const messages = [];
  messages.confirmation = await subscriber.subscribe(topic, (message) => messages.push(message), options);
  return messages;
}

const texts = (messages) => messages.map((each) => each.message);

// --- Waiting

/** Waits until a condition holds, which may be asynchronous; fails when that does not happen. */
async function until(what, condition) {
  const end = Date.now() + deadlineMillis;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${typeof what === 'function' ? what() : what}: not within ${deadlineMillis} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Waits until a list has so many elements. That there are no more is known when a message that was published
 * later has come.
 */
async function whenThere(list, count) {
  await until(() => `${count} messages, of which there are ${JSON.stringify(list).slice(0, 2000)}`, () => list.length >= count);
  assert.equal(list.length, count, JSON.stringify(list).slice(0, 2000));
}

/** What the broker says to a request that it refuses. */
async function refusal(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`not refused: ${JSON.stringify(answer)}`);
}

module.exports = {
  client,
  closeAll,
  connected,
  inbox,
  origin,
  received,
  refusal,
  root,
  sent,
  subject,
  texts,
  tokenOf,
  until,
  whenThere,
};
