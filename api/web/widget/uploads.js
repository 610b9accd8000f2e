/* Files picked for the next message: each travels at once and tells how far it is. */
import { signal } from '../vendor/signals.js';
import { newId } from './keep.js';
import { Refused } from './rest.js';

const MOST = 10; // files in one message

/**
 * `items` is a signal of {key, name, mime, size, progress: 0…1, state: "moving" | "ready" | "failed", id, detail}.
 * A file that is ready has the server's `id`; `onReady(id, file)` lets its bytes be shown without fetching them back.
 */
export class Uploads {
  items = signal([]);
  #upload;
  #ready;
  #running = new Map();
  #files = new Map();

  constructor({ upload, ensure, onReady }) {
    this.#upload = upload;
    this.ensure = ensure;
    this.#ready = onReady;
  }

  add(files) {
    for (const file of [...files].slice(0, MOST - this.items.value.length)) {
      const key = newId();
      this.#files.set(key, file);
      const item = { key, name: file.name, mime: file.type, size: file.size, progress: 0, state: 'moving', id: null };
      this.items.value = [...this.items.value, item];
      this.#run(key);
    }
  }

  retry(key) {
    this.#change(key, { state: 'moving', progress: 0, detail: null });
    this.#run(key);
  }

  remove(key) {
    this.#running.get(key)?.abort();
    this.#forget(key);
    this.items.value = this.items.value.filter((it) => it.key !== key);
  }

  /** Hands over the files that are ready and empties the list. */
  take() {
    const taken = this.items.value.filter((it) => it.state === 'ready');
    for (const { key } of this.items.value) this.#forget(key);
    this.items.value = [];
    return taken.map(({ id, name, mime, size }) => ({ id, name, mime, size }));
  }

  async #run(key) {
    const file = this.#files.get(key);
    try {
      await this.ensure();
      const { done, abort } = this.#upload(file, (progress) => this.#change(key, { progress }));
      this.#running.set(key, { abort });
      const { id } = await done;
      this.#ready(id, file);
      this.#change(key, { state: 'ready', progress: 1, id });
    } catch (error) {
      this.#change(key, { state: 'failed', detail: error instanceof Refused ? error.detail : null });
    }
  }

  #change(key, change) {
    this.items.value = this.items.value.map((it) => (it.key === key ? { ...it, ...change } : it));
  }

  #forget(key) {
    this.#running.delete(key);
    this.#files.delete(key);
  }
}
