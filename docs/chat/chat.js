// SPDX-License-Identifier: Apache-2.0
'use strict';

// The client of the chat: what the page uses, and what anybody else may who has a WebSocket.

(function (global) {
  /** One person in the chat. Events are told as they come: welcome, joined, present, said, told, gone, left. */
  class Chat {
    /**
     * @param url of the client listener: ws://HOST:6790/chat
     * @param tell is given each event, an object with a `type`
     * @param WebSocket the class to connect with, where there is none that is global
     */
    constructor(url, tell, WebSocket = global.WebSocket) {
      this.tell = tell;
      this.id = null;
      this.welcomed = new Promise((resolve) => {
        this.welcome = resolve;
      });
      this.socket = new WebSocket(url);
      this.opened = new Promise((resolve, reject) => {
        this.socket.onopen = resolve;
        this.socket.onerror = reject;
      });
      this.socket.onmessage = (message) => this.hear(JSON.parse(message.data));
      this.socket.onclose = () => tell({ type: 'closed' });
    }

    hear(event) {
      if (event.type === 'welcome') {
        this.id = event.id;
        this.welcome(event.id);
      }
      if (event.type === 'joined' && event.id !== this.id) {
        // Whoever comes should know who is there.
        this.send({ op: 'greet', to: event.id });
      }
      this.tell(event);
    }

    send(request) {
      this.socket.send(JSON.stringify(request));
    }

    /** Enters a room; resolves to one's own id when everything said there from now on will be heard. */
    async join(room, name) {
      await this.opened;
      this.send({ op: 'join', room, name });
      return this.welcomed;
    }

    /** Says something to everybody in the room. */
    say(text) {
      this.send({ op: 'say', text });
    }

    /** Says something to one person. */
    whisper(id, text) {
      this.send({ op: 'whisper', to: id, text });
    }

    close() {
      this.socket.close();
    }
  }

  if (typeof module === 'object') {
    module.exports = { Chat };
  } else {
    global.Chat = Chat;
  }
})(globalThis);
