// Bytes of attachments as blob URLs: fetched with the bearer token, shared, and let go when many are no longer shown.
import { useEffect, useState } from '../../vendor/hooks.js';
import { fetchBlob, Problem } from '../core/api.js';
import { onLeave } from './session.js';

const KEPT_BYTES = 80 * 1024 * 1024;

/** url -> {promise, blob, blobUrl, size, users} in order of last use */
const held = new Map();

async function load(url) {
  const known = held.get(url);
  if (known) { held.delete(url); held.set(url, known); return known.promise; }
  const entry = { blob: null, blobUrl: null, size: 0, users: 0 };
  entry.promise = fetchBlob(url).then((blob) => {
    entry.blob = blob;
    entry.blobUrl = URL.createObjectURL(blob);
    entry.size = blob.size;
    trim();
    return entry.blobUrl;
  });
  entry.promise.catch(() => held.delete(url));
  held.set(url, entry);
  return entry.promise;
}

function trim() {
  let total = [...held.values()].reduce((sum, entry) => sum + entry.size, 0);
  for (const [url, entry] of held) {
    if (total <= KEPT_BYTES) return;
    if (entry.users > 0 || !entry.blobUrl) continue;
    URL.revokeObjectURL(entry.blobUrl);
    held.delete(url);
    total -= entry.size;
  }
}

/** {src, failed, retry} for an attachment's URL; fetches only while `wanted`. */
export function useBlob(url, wanted) {
  const [state, setState] = useState({ src: null, failed: null, turn: 0 });
  useEffect(() => {
    if (!wanted || !url) return undefined;
    let gone = false;
    load(url).then(
      (src) => { if (!gone) setState({ src, failed: null, turn: state.turn }); },
      (problem) => { if (!gone) setState({ src: null, failed: problem instanceof Problem ? problem.message
        : String(problem), turn: state.turn }); },
    );
    const entry = held.get(url);
    entry.users += 1;
    return () => { gone = true; entry.users -= 1; };
  }, [url, wanted, state.turn]);
  return { src: state.src, failed: state.failed,
    retry: () => setState({ src: null, failed: null, turn: state.turn + 1 }) };
}

/** The bytes of an attachment, for what must read them. */
export async function bytesOf(url) {
  await load(url);
  return held.get(url).blob.arrayBuffer();
}

/** Saves an attachment under its own name. */
export async function download(attachment) {
  const link = document.createElement('a');
  link.href = await load(attachment.url);
  link.download = attachment.name || 'file';
  link.click();
}

onLeave(() => {
  for (const entry of held.values()) if (entry.blobUrl) URL.revokeObjectURL(entry.blobUrl);
  held.clear();
});
