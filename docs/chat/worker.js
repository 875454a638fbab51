// SPDX-License-Identifier: Apache-2.0
'use strict';

// The chat's backend: node worker.js [ws://HOST:6789/ws/v1]. Start as many as there is work for: each message goes
// to one of them. They remember nothing: who somebody is, and where, is in the context of their connection.

const WebSocket = globalThis.WebSocket ?? require('ws');

const url = process.argv[2] ?? 'ws://127.0.0.1:6789/ws/v1';
const topic = 'default';
let handled = 0;

/** The broker's interface for backends: requests with their answers, and events. */
class Backend {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.waiting = new Map();
    this.lastId = 0;
  }

  connect() {
    this.socket = new WebSocket(url);
    this.socket.onopen = () => this.consume();
    this.socket.onmessage = (message) => this.hear(JSON.parse(message.data));
    this.socket.onerror = () => {};
    this.socket.onclose = () => {
      this.waiting.forEach(({ reject }) => reject(new Error('the connection was closed')));
      this.waiting.clear();
      setTimeout(() => this.connect(), 1000);
    };
  }

  async consume() {
    await this.request('queue.pop', { t: [topic] });
    console.log('ready');
  }

  /** Sends a request; resolves to its result. */
  request(method, params) {
    const id = ++this.lastId;
    this.socket.send(JSON.stringify({ m: method, p: params, i: id }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  hear(message) {
    if (message.e === 'queue.pop') {
      this.onEvent(message.p).catch((error) => console.error(error.message));
      return;
    }
    const asked = this.waiting.get(message.i);
    if (!asked) {
      console.error('an answer to nothing that was asked:', message);
      return;
    }
    const { resolve, reject } = asked;
    this.waiting.delete(message.i);
    if (message.E) {
      reject(Object.assign(new Error(message.E.m), { code: message.E.c }));
    } else {
      resolve(message.r);
    }
  }

  call(client, func, ...args) {
    return this.request('conn.call', { c: client, f: func, a: args });
  }

  /** Tells one client; false when it is gone. */
  async tell(client, event) {
    try {
      await this.request('mesh.send', { c: client, d: JSON.stringify(event) });
      return true;
    } catch (error) {
      if (error.code === 401) {
        return false;
      }
      throw error;
    }
  }

  /** Tells everybody in a room. */
  tellRoom(room, event) {
    return this.request('mesh.publish', { c: `room:${room}`, d: JSON.stringify(event) });
  }

  async contextOf(client) {
    return (await this.call(client, 'context')).context;
  }
}

const operations = {
  async join(backend, id, { room, name }) {
    await backend.call(id, 'set_context', { room, name });
    await backend.call(id, 'subscribe', `room:${room}`);
    await backend.tell(id, { type: 'welcome', id });
    await backend.tellRoom(room, { type: 'joined', id, name });
  },

  async greet(backend, id, { to }) {
    const { name } = await backend.contextOf(id);
    await backend.tell(to, { type: 'present', id, name });
  },

  async say(backend, id, { text }) {
    const { room, name } = await backend.contextOf(id);
    await backend.tellRoom(room, { type: 'said', id, name, text });
  },

  async whisper(backend, id, { to, text }) {
    const { name } = await backend.contextOf(id);
    if (!(await backend.tell(to, { type: 'told', id, name, text }))) {
      await backend.tell(id, { type: 'gone', id: to });
    }
  },
};

/** One message of a client, or its end. */
async function onEvent({ c: id, d: data }) {
  handled++;
  if (data.event === 'close') {
    // The context comes along: the connection is gone, and nobody could ask it.
    if (data.room) {
      await backend.tellRoom(data.room, { type: 'left', id, name: data.name });
    }
    return;
  }
  const request = JSON.parse(data.frame.data);
  await operations[request.op]?.(backend, id, request);
}

const backend = new Backend(onEvent);
backend.connect();

// Ends with its standard input, as services under a supervisor and tests like it.
process.stdin.on('end', () => {
  console.log(`handled ${handled}`);
  process.exit(0);
});
process.stdin.resume();
