// Words not yet sent, by conversation and mode: kept here at once, on the server a moment later, and followed from my other devices.
import { signal } from '../../vendor/signals.js';
import { Problem, put } from '../core/api.js';
import { now } from '../core/clock.js';
import { load, save } from '../core/storage.js';
import { on } from '../core/wire.js';
import { outboxHooks, outgoing } from './outbox.js';
import { me, onLeave } from './session.js';
import { onDetail } from './threads.js';

const QUIET = 700;
/** How long after a key the words count as being typed, so that nothing from elsewhere replaces them. */
const TYPING = 6000;

/** "<id>:<mode>" -> {id, mode, text: signal, quote, at, dirty, typed, timer, offer, flying, again}; `at` in server ms. */
const held = new Map();

/** This page's live connection, which need not be told of its own words. */
let here = null;

/** Filled by the composer's store: what to do when a draft from elsewhere answers another message. */
export const draftHooks = { quoted() {} };

function entryOf(id, mode) {
  const key = `${id}:${mode}`;
  if (!held.has(key)) {
    const kept = load(keyOf({ id, mode }));
    const known = typeof kept === 'string' ? { text: kept, at: 0, dirty: true } : kept ?? { text: '', at: 0 };
    held.set(key, { id, mode, text: signal(known.text), quote: known.quote ?? null, at: known.at,
      dirty: Boolean(known.dirty), typed: 0, timer: null, offer: null, flying: false, again: false });
  }
  return held.get(key);
}

function keyOf({ id, mode }) { return `draft.${me.peek()?.id}.${id}.${mode}`; }

/** The signal of the words. */
export function draft(id, mode) { return entryOf(id, mode).text; }
export function draftQuote(id) { return entryOf(id, 'reply').quote; }

/** Called on every key; `quote` is the id of the message answered to, or null. */
export function writeDraft(id, mode, text, quote = null) {
  const entry = entryOf(id, mode);
  if (entry.text.peek() === text && entry.quote === quote) return;
  entry.text.value = text;
  Object.assign(entry, { quote, at: now(), typed: Date.now(), dirty: true });
  keep(entry);
  clearTimeout(entry.timer);
  entry.timer = setTimeout(push, QUIET, entry);
}

/** After sending: the server drops its copy with the message, so only one that is on its way must be taken back. */
export function clearDraft(id, mode) {
  const entry = entryOf(id, mode);
  clearTimeout(entry.timer);
  entry.text.value = '';
  Object.assign(entry, { quote: null, at: now(), typed: 0, dirty: entry.flying, again: entry.flying });
  keep(entry);
}

async function push(entry) {
  if (entry.flying) { entry.again = true; return; }
  Object.assign(entry, { flying: true, again: false });
  const text = entry.text.peek();
  try {
    await put(`/conversations/${entry.id}/draft`, { mode: entry.mode, text, reply_to_id: entry.quote, from: here });
    if (entry.text.peek() === text) entry.dirty = false;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    // Not mine any more, or nothing the server keeps: the words stay here.
    if (!problem.passing) entry.dirty = false;
  } finally {
    entry.flying = false;
    keep(entry);
  }
  if (entry.again) push(entry);
}

/** Takes words from elsewhere when they are newer and nothing is being typed here. */
function learn(id, mode, text, quote, at) {
  const entry = entryOf(id, mode);
  if (entry.dirty || at <= entry.at) return;
  const still = entry.typed + TYPING - Date.now();
  if (still > 0) {
    // Looked at again when the hands have been still; a key in between makes the words here the newer ones.
    clearTimeout(entry.offer);
    entry.offer = setTimeout(learn, still, id, mode, text, quote, at);
    return;
  }
  // What I sent from here took the draft with it; what I have begun since then is another one.
  if (!text && entry.text.peek() && outgoing(id).some((one) => modeOf(one) === mode)) return;
  Object.assign(entry, { at, quote });
  entry.text.value = text;
  keep(entry);
  if (mode === 'reply') draftHooks.quoted(id, quote);
}

function keep(entry) {
  const { at, quote, dirty } = entry;
  const text = entry.text.peek();
  save(keyOf(entry), text || dirty || at > now() - 86_400_000 ? { text, quote, at, dirty } : null);
}

onDetail((detail) => {
  for (const mode of ['reply', 'note']) {
    const known = detail.drafts?.[mode];
    if (known) learn(detail.id, mode, known.text, known.reply_to_id ?? null, Date.parse(known.updated_at));
    // What the server had from here and has no more was sent or emptied on another device.
    else if (detail.drafts && entryOf(detail.id, mode).text.peek()) learn(detail.id, mode, '', null, now() - TYPING);
  }
});

on('draft', (frame) => {
  if (here && frame.from === here) return;
  learn(frame.id, frame.mode, frame.text, frame.reply_to_id ?? null,
    frame.updated_at ? Date.parse(frame.updated_at) : now());
});

on('live', ({ connection }) => {
  here = connection ?? null;
  for (const entry of held.values()) if (entry.dirty) push(entry);
});
on('down', () => { here = null; });

function modeOf({ note }) { return note ? 'note' : 'reply'; }

/** The server dropped its copy with the message; what was begun after that goes there again. */
outboxHooks.landed = (message) => {
  const entry = held.get(`${message.conversation_id}:${modeOf(message)}`);
  if (!entry?.text.peek()) return;
  entry.dirty = true;
  push(entry);
};

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return;
  for (const entry of held.values()) if (entry.dirty && !entry.flying) { clearTimeout(entry.timer); push(entry); }
});

onLeave(() => {
  for (const { timer, offer } of held.values()) { clearTimeout(timer); clearTimeout(offer); }
  held.clear();
});
