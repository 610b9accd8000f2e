/* Files both ways: what was picked travels up at once, what was sent comes down as object URLs of harmless types. */
import { newId } from './keep.js';
import { Refused } from './rest.js';
import { signal } from './state.js';

const MOST = 10; // files in one message

/** `items`: {key, name, mime, size, progress: 0 … 1, state: "moving" | "ready" | "failed", id, detail}[]. */
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

// Anything else is only saved: a page or a drawing opened from a blob would run as the host page's own.
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/(mp4|webm|ogg|quicktime))$/;

export function isShown(mime) {
  return SHOWN.test(baseType(mime));
}

export function fileCache(fetchFile) {
  const urls = new Map();
  return {
    put(id, blob) {
      urls.set(id, Promise.resolve(harmless(blob, blob.type)));
    },
    url({ id, mime }) {
      if (!urls.has(id)) {
        const url = fetchFile(id).then((blob) => harmless(blob, mime));
        url.catch(() => urls.delete(id));
        urls.set(id, url);
      }
      return urls.get(id);
    },
  };
}

function harmless(blob, mime) {
  return URL.createObjectURL(new Blob([blob], { type: isShown(mime) ? baseType(mime) : 'application/octet-stream' }));
}

function baseType(mime) {
  return String(mime ?? '').split(';')[0].trim().toLowerCase();
}
