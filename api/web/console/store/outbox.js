// What was written here and not yet acknowledged: kept in the browser, sent in order, once, under the id given at the key press.
import { signal } from '../../vendor/signals.js';
import { post, Problem } from '../core/api.js';
import { now } from '../core/clock.js';
import { freshId, loadAll, save } from '../core/storage.js';
import { on, retryNow, send } from '../core/wire.js';
import { me, onEnter, onLeave } from './session.js';

const ACK_WAIT = 8000;
const LONGEST_RETRY = 15_000;

/** Entries: a message as it is drawn, plus conversation_id and attachment ids. state: queued | failed. */
const entries = signal([]);
const inFlight = new Map();
let retry = null;
let failures = 0;

/** Filled by stores that may not be imported from here: the message is with the server. */
export const outboxHooks = { accepted() {}, landed() {} };

/** What is on its way in a conversation, oldest first; subscribes the caller. */
export function outgoing(conversationId) {
  return entries.value.filter((entry) => entry.conversation_id === conversationId);
}

/** Takes a message from the composer: {text, note, reply_to, attachments, kind, mentions}. Answers its client id. */
export function queue(conversationId, { text = '', note = false, reply_to = null, attachments = [], kind = null,
  mentions = [] }) {
  const entry = {
    client_id: freshId(), conversation_id: conversationId, id: null, seq: null, local: true,
    author: 'agent', author_id: me.value.id, author_name: me.value.name, note, kind: kind ?? kindOf(attachments), text,
    content: mentions.length ? { mentions } : {}, reply_to, attachments, reactions: [], state: 'queued', error: null,
    asked_kind: kind, created_at: new Date(now()).toISOString(),
  };
  entries.value = [...entries.peek(), entry];
  keep(entry);
  pump();
  return entry.client_id;
}

export function sendAgain(clientId) {
  change(clientId, { state: 'queued', error: null });
  failures = 0;
  pump();
}

/** Stops trying; false while it is on its way. What had arrived all the same shows itself in the thread. */
export function discard(clientId) {
  if (inFlight.has(clientId)) return false;
  settle(clientId);
  return true;
}

/** The server has it: nothing more to do for this id. */
export function settle(clientId) {
  if (!entries.peek().some((entry) => entry.client_id === clientId)) return;
  land(clientId);
  forget(clientId);
  entries.value = entries.peek().filter((entry) => entry.client_id !== clientId);
}

/** Sends the oldest waiting entry of each conversation; the next one follows when it is acknowledged. */
function pump() {
  const busy = new Set();
  for (const entry of entries.peek()) {
    const waiting = entry.state === 'queued' && !entry.id;
    if (!waiting || busy.has(entry.conversation_id)) continue;
    busy.add(entry.conversation_id);
    if (!inFlight.has(entry.client_id)) transmit(entry);
  }
}

function transmit(entry) {
  const { client_id: id, conversation_id: conversation, text, note } = entry;
  const plain = entry.attachments.length === 0 && !entry.content?.mentions;
  const frame = { t: 'send', client_id: id, conversation_id: conversation, text, note,
    reply_to_id: entry.reply_to?.id ?? null };
  const left = plain && send(frame);
  inFlight.set(id, left ? setTimeout(() => postEntry(entry), ACK_WAIT) : null);
  if (!left) postEntry(entry);
}

async function postEntry(entry) {
  try {
    const message = await post(`/conversations/${entry.conversation_id}/messages`, {
      client_id: entry.client_id, text: entry.text || undefined, note: entry.note, reply_to_id: entry.reply_to?.id,
      kind: entry.asked_kind ?? undefined, mention_ids: entry.content?.mentions?.map((one) => one.id),
      attachment_ids: entry.attachments.length ? entry.attachments.map((file) => file.id) : undefined,
    });
    failures = 0;
    retryNow(); // the server answers, so the socket need not wait its turn
    outboxHooks.accepted(message);
    outboxHooks.landed(entry);
    settle(entry.client_id);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    land(entry.client_id);
    if (problem.passing || problem.status === 401) { later(); return; }
    refuse(entry.client_id, problem);
  }
  pump();
}

function refuse(clientId, { code, detail, message }) {
  land(clientId);
  change(clientId, { state: 'failed', error: { code, detail: detail ?? message } });
}

function land(clientId) {
  clearTimeout(inFlight.get(clientId));
  inFlight.delete(clientId);
}

function later() {
  failures += 1;
  clearTimeout(retry);
  retry = setTimeout(pump, Math.min(LONGEST_RETRY, 1000 * 2 ** failures) * (0.5 + Math.random() / 2));
}

function change(clientId, changes) {
  entries.value = entries.peek().map((entry) => (entry.client_id === clientId ? { ...entry, ...changes } : entry));
  const changed = entries.peek().find((entry) => entry.client_id === clientId);
  if (changed) keep(changed);
}

function keep(entry) { save(`outbox.${me.peek().id}.${entry.client_id}`, entry); }
function forget(clientId) { save(`outbox.${me.peek().id}.${clientId}`, null); }

function kindOf(attachments) {
  const kind = attachments[0]?.mime.split('/')[0];
  if (!kind) return 'text';
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document';
}

on('ack', (frame) => {
  const entry = entries.peek().find((one) => one.client_id === frame.client_id);
  if (!entry) return;
  failures = 0;
  outboxHooks.landed(entry);
  land(entry.client_id);
  forget(entry.client_id);
  entries.value = entries.peek().map((one) => (one === entry ? { ...one, id: frame.id, seq: frame.seq } : one));
  // Its event replaces it in an open thread; nobody waits for it elsewhere.
  setTimeout(() => settle(entry.client_id), 30_000);
  pump();
});

on('refused', (frame) => {
  land(frame.client_id);
  if (frame.code === 'unavailable') { later(); return; }
  refuse(frame.client_id, frame);
  pump();
});

on('down', () => {
  failures = 0;
  for (const id of [...inFlight.keys()]) if (inFlight.get(id) !== null) land(id);
  pump();
});
on('live', () => { failures = 0; pump(); });
addEventListener('online', pump);

/** Another tab shares what is kept: what it sent or gave up must not be sent from here again. */
addEventListener('storage', ({ key, newValue }) => {
  if (newValue !== null || !key?.startsWith(`switchboard.outbox.${me.peek()?.id}.`)) return;
  const id = key.slice(key.lastIndexOf('.') + 1);
  if (!inFlight.has(id)) entries.value = entries.peek().filter((entry) => entry.client_id !== id);
});

onEnter(() => {
  entries.value = loadAll(`outbox.${me.peek().id}.`);
  pump();
});

onLeave(() => {
  for (const id of [...inFlight.keys()]) land(id);
  clearTimeout(retry);
  entries.value = [];
});
