// What the composer is about to do in each conversation: reply or note, in answer to which message, with which files.
import { signal } from '../../vendor/signals.js';
import { upload } from '../core/api.js';
import { freshId } from '../core/storage.js';
import { openId } from './threads.js';
import { onLeave } from './session.js';

/** conversation id -> 'reply' | 'note' */
export const modes = signal(new Map());
/** conversation id -> the message being answered */
export const quoting = signal(new Map());
/** conversation id -> [{key, name, size, mime, progress, uploaded, problem, abort}] */
export const attached = signal(new Map());

/** Switches the open conversation's composer and puts the cursor in it. */
export function composeAs(mode, quote = undefined) {
  const id = openId.peek();
  if (!id) return;
  modes.value = new Map(modes.peek()).set(id, mode);
  if (quote !== undefined) quoting.value = new Map(quoting.peek()).set(id, quote);
  const focus = () => document.querySelector('#composer-text')?.focus();
  // Before the next key can arrive: what is typed right after must not be taken for commands.
  focus();
  queueMicrotask(focus);
  requestAnimationFrame(focus);
}

export function dropQuote(id) { quoting.value = new Map(quoting.peek()).set(id, null); }

/** Starts uploading at once, so that sending later is quick. */
export function attach(id, files) {
  for (const file of files) {
    const abort = new AbortController();
    const item = { key: freshId(), name: file.name || 'file', size: file.size, mime: file.type, progress: 0,
      uploaded: null, problem: null, abort };
    setFiles(id, [...filesOf(id), item]);
    upload(file, (progress) => changeFile(id, item.key, { progress }), abort.signal).then(
      (uploaded) => changeFile(id, item.key, { uploaded, progress: 1 }),
      (problem) => { if (problem.name !== 'AbortError') changeFile(id, item.key, { problem: problem.message }); },
    );
  }
}

export function detach(id, key) {
  filesOf(id).find((item) => item.key === key)?.abort.abort();
  setFiles(id, filesOf(id).filter((item) => item.key !== key));
}

export function clearComposing(id) {
  setFiles(id, []);
  dropQuote(id);
}

function filesOf(id) { return attached.peek().get(id) ?? []; }
function setFiles(id, list) { attached.value = new Map(attached.peek()).set(id, list); }
function changeFile(id, key, changes) {
  setFiles(id, filesOf(id).map((item) => (item.key === key ? { ...item, ...changes } : item)));
}

onLeave(() => {
  for (const map of [modes, quoting, attached]) map.value = new Map();
});
