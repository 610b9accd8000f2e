/* What the visitor wrote and the server has not confirmed: kept on the device, sent once under one id, in order. */
import { alone, newId } from './keep.js';
import { Refused } from './rest.js';
import { signal } from './state.js';
import { backOff } from './wire.js';

/** `entries`: {client_id, text, attachments: [{id, name, mime, size}], created_at, state: "waiting" | "refused", detail}[]. */
export class Outbox {
  entries;
  #channel;
  #keep;
  #send;
  #confirm;
  #onOwed;
  #held = false;
  #running = false;
  #again = false;
  #attempt = 0;
  #timer = 0;

  constructor({ channel, keep, send, confirm, onOwed }) {
    this.#channel = channel;
    this.#keep = keep;
    this.#send = send;
    this.#confirm = confirm;
    this.#onOwed = onOwed;
    this.entries = signal(keep.get('outbox') ?? []);
    keep.watch('outbox', (given) => (this.entries.value = given ?? []));
    addEventListener('online', () => this.flush());
  }

  add(text, attachments = []) {
    const entry = { client_id: newId(), text, attachments, created_at: new Date().toISOString(), state: 'waiting' };
    this.#write([...this.#read(), entry]);
    this.flush();
    return entry;
  }

  retry(clientId) {
    this.#write(this.#read().map((it) => (it.client_id === clientId ? { ...it, state: 'waiting', detail: null } : it)));
    this.flush();
  }

  discard(clientId) {
    this.#write(this.#read().filter((it) => it.client_id !== clientId));
  }

  clear() {
    this.#write([]);
  }

  /** What the server wanted to know first has been said. */
  release() {
    this.#held = false;
    return this.flush();
  }

  /** Sends what waits. A repeat is harmless: the server knows the id. */
  async flush() {
    if (this.#held) return;
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      while (this.#again) {
        this.#again = false;
        await alone(`${this.#channel}.outbox`, () => this.#drain());
      }
    } finally {
      this.#running = false;
    }
  }

  async #drain() {
    for (const entry of this.#read().filter((it) => it.state === 'waiting')) {
      if (!this.#read().some((it) => it.client_id === entry.client_id)) continue; // taken back meanwhile
      if (!(await this.#deliver(entry))) return;
    }
  }

  async #deliver(entry) {
    const body = { client_id: entry.client_id, ...(entry.text && { text: entry.text }) };
    if (entry.attachments.length) body.attachment_ids = entry.attachments.map((it) => it.id);
    try {
      const answer = await this.#send(body);
      this.#attempt = 0;
      this.#confirm(answer); // before ours goes: the bubble is never absent
      this.discard(entry.client_id);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.code === 'pre_chat_required') {
        this.#held = true; // the words wait until the visitor has said who they are
        this.#onOwed(error.detail);
        return false;
      }
      if (error instanceof Refused && !error.passing) {
        this.#refuse(entry.client_id, error.detail);
        return true;
      }
      this.#later(error.retryAfter);
      return false;
    }
  }

  #refuse(clientId, detail) {
    this.#write(this.#read().map((it) => (it.client_id === clientId ? { ...it, state: 'refused', detail } : it)));
  }

  #later(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), seconds ? seconds * 1000 : backOff(this.#attempt++));
  }

  // Read anew each time: other tabs write here too.
  #read() {
    return this.#keep.get('outbox') ?? [];
  }

  #write(entries) {
    this.#keep.set('outbox', entries);
    this.entries.value = entries;
  }
}
