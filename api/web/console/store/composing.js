// What the composer is about to do in each conversation: reply or note, in answer to which message, with which files.
import { signal } from '../../vendor/signals.js';
import { get, upload } from '../core/api.js';
import { freshId, loadAll, save } from '../core/storage.js';
import { on } from '../core/wire.js';
import { draftHooks } from './drafts.js';
import { queue } from './outbox.js';
import { me, onEnter, onLeave } from './session.js';
import { openId, thread } from './threads.js';

/** conversation id -> 'reply' | 'note' */
export const modes = signal(new Map());
/** conversation id -> the message being answered */
export const quoting = signal(new Map());
/** conversation id -> [{key, name, size, mime, progress, uploaded, problem, waiting, voice, file, abort}] */
export const attached = signal(new Map());

/** Switches the open conversation's composer and puts the cursor in it. */
export function composeAs(mode, quote = undefined) {
  const id = openId.peek();
  if (!id) return;
  modes.value = new Map(modes.peek()).set(id, mode);
  if (quote !== undefined) setQuote(id, quote);
  const focus = () => document.querySelector('#composer-text')?.focus();
  // Before the next key can arrive: what is typed right after must not be taken for commands.
  focus();
  queueMicrotask(focus);
  requestAnimationFrame(focus);
}

export function dropQuote(id) { setQuote(id, null); }
function setQuote(id, quote) { quoting.value = new Map(quoting.peek()).set(id, quote); }

/** Starts uploading at once, so that sending later is quick. `voice` is 'reply' or 'note': sent there when it has arrived. */
export function attach(id, files, { voice = null } = {}) {
  for (const file of files) {
    const item = { key: freshId(), name: file.name || 'file', size: file.size, mime: file.type, progress: 0,
      uploaded: null, problem: null, waiting: false, voice, file, abort: null };
    setFiles(id, [...filesOf(id), item]);
    start(id, item);
  }
}

/** Uploads again what did not arrive. */
export function retryFile(id, key) {
  const item = filesOf(id).find((one) => one.key === key);
  if (item?.file && !item.uploaded) start(id, item);
}

async function start(id, { key, file, voice }) {
  const abort = new AbortController();
  changeFile(id, key, { abort, problem: null, waiting: false, progress: 0 });
  try {
    const uploaded = await upload(file, (progress) => changeFile(id, key, { progress }), abort.signal);
    if (!filesOf(id).some((one) => one.key === key)) return;
    if (voice) sendVoice(id, key, uploaded, voice);
    else changeFile(id, key, { uploaded, progress: 1, file: null });
  } catch (problem) {
    if (problem.name !== 'AbortError') changeFile(id, key, { problem: problem.message, waiting: problem.passing === true });
  }
}

function sendVoice(id, key, uploaded, mode) {
  setFiles(id, filesOf(id).filter((one) => one.key !== key));
  queue(id, { kind: 'voice', note: mode === 'note', attachments: [drawable({ uploaded })] });
}

/** An uploaded file as the attachment of a message that is still on its way. */
export function drawable({ uploaded }) {
  return { width: null, height: null, duration: null, state: 'stored', ...uploaded };
}

export function detach(id, key) {
  filesOf(id).find((item) => item.key === key)?.abort?.abort();
  setFiles(id, filesOf(id).filter((item) => item.key !== key));
}

export function clearComposing(id) {
  setFiles(id, []);
  dropQuote(id);
}

export function filesOf(id) { return attached.peek().get(id) ?? []; }

function setFiles(id, list) {
  attached.value = new Map(attached.peek()).set(id, list);
  // What the server has already is kept over a reload; bytes that never arrived are not.
  const kept = list.filter((item) => item.uploaded).map(({ file, abort, ...facts }) => facts);
  save(`files.${me.peek()?.id}.${id}`, kept.length ? { id, list: kept } : null);
}

function changeFile(id, key, changes) {
  setFiles(id, filesOf(id).map((item) => (item.key === key ? { ...item, ...changes } : item)));
}

/** A draft from elsewhere names the message it answers; it may not be loaded here. */
draftHooks.quoted = async (id, messageId) => {
  if (!messageId) { dropQuote(id); return; }
  const known = thread(id).confirmed.peek().find((message) => message.id === messageId);
  try {
    setQuote(id, known ?? await get(`/conversations/${id}/messages/${messageId}`));
  } catch {
    dropQuote(id);
  }
};

on('live', () => {
  for (const [id, list] of attached.peek()) for (const item of list) if (item.waiting) retryFile(id, item.key);
});

onEnter(() => {
  const kept = loadAll(`files.${me.peek().id}.`);
  attached.value = new Map(kept.map(({ id, list }) => [id, list]));
});

onLeave(() => {
  for (const map of [modes, quoting, attached]) map.value = new Map();
});
