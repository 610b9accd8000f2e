// The messages of each opened conversation: a gap-free copy, resumed by number, with what is still on its way appended.
import { computed, signal } from '../../vendor/signals.js';
import { t } from '../../shared/i18n.js';
import { get, post, Problem } from '../core/api.js';
import { on, resubscribe, send, subscribe, unsubscribe } from '../core/wire.js';
import { outgoing, settle } from './outbox.js';
import { markerSignal, mergeMarker, mergeRow, recount, rowSignal, unreadOf } from './rows.js';
import { onLeave } from './session.js';
import { insert, patchDelivery, replace } from './timeline.js';

const PAGE = 50;
/** Threads that stay subscribed, and those that stay in memory. */
const KEPT_LIVE = 6;
const KEPT = 20;
/** At the end of a thread older messages are let go beyond this many; scrolling up fetches them again. */
const LONGEST = 400;
const SHORTENED = 200;
/** Milliseconds between two words to the server about how far I have read. */
const READ_PACE = 500;
/** Milliseconds after which what was drawn from memory is surely on screen. */
const AFTER_PAINT = 60;

const threads = new Map();
const recent = [];
const learners = [];

/** Calls `learn(detail)` whenever a conversation's detail has come. */
export function onDetail(learn) { learners.push(learn); }

/** The id of the thread on screen, or null. */
export const openId = signal(null);

export function thread(id) {
  if (!threads.has(id)) threads.set(id, create(id));
  return threads.get(id);
}

function create(id) {
  const made = {
    id, head: 0, epoch: null, buffer: [], asking: 0,
    confirmed: signal([]),
    /** phase: idle | loading | ready | failed; `busy` is 'before' or 'after' while a page comes. */
    state: signal({ phase: 'idle', hasBefore: false, hasAfter: false, busy: null, stale: false, problem: null }),
    /** Row with contact, engagement, window and can. */
    detail: signal(null),
    /** The unread line stands before the first customer message above this number. */
    unreadFrom: signal(null),
    /** Why the last act was refused, shown in the thread. */
    refusal: signal(null),
  };
  made.items = computed(() => {
    const there = new Set(made.confirmed.value.map((message) => message.client_id));
    return [...made.confirmed.value, ...outgoing(id).filter((message) => !there.has(message.client_id))];
  });
  return made;
}

/** Puts a conversation on screen: from memory at once when known, and true again as soon as the server answers. */
export function openThread(id, at = null) {
  const opened = thread(id);
  openId.value = id;
  touch(id);
  send({ t: 'viewing', id });
  opened.refusal.value = null;
  opened.unreadFrom.value = unreadOf(id) > 0 ? markerSignal(id).peek().seq : null;
  subscribe('conversation', id, () => place(opened));
  if (opened.detail.peek()) refreshDetailSoon(opened, AFTER_PAINT); else refreshDetail(opened);
  if (at === null && (opened.state.peek().phase !== 'ready' || opened.state.peek().hasAfter)) loadLatest(opened);
  return opened;
}

export function leaveThread() {
  if (openId.peek() === null) return;
  openId.value = null;
  send({ t: 'viewing', id: null });
}

function place(opened) {
  opened.resumes = Boolean(opened.epoch);
  return opened.resumes ? { from: opened.head, epoch: opened.epoch } : {};
}

/** The last few stay subscribed, so that going back to them shows the present without a request; the oldest are forgotten. */
function touch(id) {
  const index = recent.indexOf(id);
  if (index >= 0) recent.splice(index, 1);
  recent.unshift(id);
  if (recent.length > KEPT_LIVE) unsubscribe('conversation', recent[KEPT_LIVE]);
  for (const old of recent.splice(KEPT)) threads.delete(old);
}

export function loadLatest(opened) { return loadWhole(opened, {}); }

/** Makes sure the message with this number is loaded; the thread then scrolls to it. */
export function reach(opened, seq) {
  if (opened.confirmed.peek().some((message) => message.seq === seq)) return;
  loadWhole(opened, { around: seq });
}

async function loadWhole(opened, query) {
  const turn = opened.asking += 1;
  const before = opened.state.peek();
  opened.state.value = { ...before, phase: opened.confirmed.peek().length ? 'ready' : 'loading', busy: 'whole',
    problem: null };
  const page = await ask(opened, query, turn);
  if (!page) return;
  opened.epoch = page.epoch;
  opened.head = page.head_seq;
  opened.confirmed.value = page.results;
  for (const message of page.results) if (message.client_id) settle(message.client_id);
  opened.state.value = { phase: 'ready', hasBefore: page.has_before, hasAfter: page.has_after, busy: null,
    stale: false, problem: null };
  for (const event of opened.buffer.splice(0)) apply(opened, event);
}

export async function loadBefore(opened) {
  const { hasBefore, busy } = opened.state.peek();
  if (!hasBefore || busy) return;
  opened.state.value = { ...opened.state.peek(), busy: 'before' };
  const page = await ask(opened, { before: opened.confirmed.peek()[0]?.seq }, opened.asking);
  if (!page) return;
  opened.confirmed.value = [...page.results, ...opened.confirmed.peek()];
  opened.state.value = { ...opened.state.peek(), hasBefore: page.has_before, busy: null };
}

export async function loadAfter(opened) {
  const { hasAfter, busy } = opened.state.peek();
  if (!hasAfter || busy) return;
  opened.state.value = { ...opened.state.peek(), busy: 'after' };
  const page = await ask(opened, { after: opened.confirmed.peek().at(-1)?.seq }, opened.asking);
  if (!page) return;
  // Events newer than this page were dropped while the end was missing, so the page must be as new as they are.
  const behind = !page.has_after && page.head_seq < opened.head;
  opened.confirmed.value = page.results.reduce(insert, opened.confirmed.peek());
  opened.state.value = { ...opened.state.peek(), hasAfter: page.has_after || behind, busy: null };
}

/** A page of messages, or null when it failed or another load overtook it. */
async function ask(opened, query, turn) {
  try {
    const page = await get(`/conversations/${opened.id}/messages`, { limit: PAGE, ...query });
    return turn === opened.asking ? page : null;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (turn !== opened.asking) return null;
    // What was written here and waits for the line is shown even where nothing else can be.
    const known = opened.confirmed.peek().length > 0 || (problem.passing && outgoing(opened.id).length > 0);
    opened.state.value = { ...opened.state.peek(), phase: known ? 'ready' : 'failed', busy: null, problem };
    return null;
  }
}

export async function refreshDetail(opened) {
  try {
    const detail = await get(`/conversations/${opened.id}`);
    mergeRow(detail);
    opened.detail.value = detail;
    for (const learn of learners) learn(detail);
  } catch (problem) {
    if (problem.status === 404 || problem.status === 403) {
      opened.state.value = { ...opened.state.peek(), phase: 'failed', problem };
    }
  }
}

let detailTimer = null;

function refreshDetailSoon(opened, wait = 250) {
  if (openId.peek() !== opened.id) return;
  clearTimeout(detailTimer);
  detailTimer = setTimeout(() => refreshDetail(opened), wait);
}

/** Applies one live event in its order; a gap asks for everything after our place. */
function apply(opened, event) {
  if (event.s <= opened.head) return;
  if (event.s > opened.head + 1) { resubscribe('conversation', opened.id); return; }
  opened.head = event.s;
  const { message, row } = event.d ?? {};
  if (event.e === 'message.delivery') opened.confirmed.value = patchDelivery(opened.confirmed.peek(), event.d);
  if (message) take(opened, message);
  if (row) mergeRow(row);
  if (event.e === 'message.received') noteUnread(opened, message);
  if (event.e.startsWith('conversation.') || event.e === 'message.received') refreshDetailSoon(opened);
}

/** Puts a message where it belongs: in place of its older self, at its number, or nowhere when that part is not loaded. */
export function take(opened, message) {
  const known = opened.confirmed.peek();
  const replaced = replace(known, message);
  const outside = (opened.state.peek().hasAfter && message.seq > (known.at(-1)?.seq ?? 0))
    || (opened.state.peek().hasBefore && message.seq < (known[0]?.seq ?? 0));
  if (replaced) opened.confirmed.value = replaced;
  else if (!outside) opened.confirmed.value = insert(known, message);
  if (message.client_id) settle(message.client_id);
}

function noteUnread(opened, message) {
  const watched = openId.peek() === opened.id && document.hasFocus();
  if (!watched && opened.unreadFrom.peek() === null) opened.unreadFrom.value = message.seq - 1;
}

/** Lets go of what lies far above the end, where the reader is. */
export function shorten(opened) {
  const known = opened.confirmed.peek();
  if (known.length <= LONGEST || opened.state.peek().busy) return;
  opened.confirmed.value = known.slice(-SHORTENED);
  opened.state.value = { ...opened.state.peek(), hasBefore: true };
}

/** Tells the server how far I read, when the end of the thread is really on screen. */
export function markRead(opened) {
  const last = opened.confirmed.peek().at(-1);
  const row = rowSignal(opened.id).peek();
  const marker = markerSignal(opened.id).peek();
  if (!last || !row || !marker || opened.state.peek().hasAfter) return;
  if (marker.inbound_seen >= row.inbound_count && marker.seq >= last.seq) return;
  mergeMarker(opened.id, { seq: last.seq, inbound_seen: row.inbound_count });
  tellRead(opened.id, last.seq);
  recount();
}

/** conversation id -> the number still to be told. */
const toTell = new Map();
let telling = null;

/** At once for the first, the latest of many a little later. */
function tellRead(id, seq) {
  toTell.set(id, seq);
  if (!telling) tellReads();
}

function tellReads() {
  telling = toTell.size ? setTimeout(tellReads, READ_PACE) : null;
  for (const [id, seq] of toTell) {
    if (!send({ t: 'read', id, seq })) post(`/conversations/${id}/read`, { seq }).catch(() => {});
  }
  toTell.clear();
}

export async function markUnread(id) {
  toTell.delete(id);
  const marker = await post(`/conversations/${id}/unread`);
  mergeMarker(id, marker);
  recount();
}

on('event', (frame) => {
  const opened = threads.get(frame.c);
  if (!opened) return;
  const waiting = opened.state.peek().busy === 'whole' || opened.state.peek().phase !== 'ready';
  if (waiting) opened.buffer.push(frame);
  else apply(opened, frame);
});

on('subscribed', (frame) => {
  const opened = frame.topic === 'conversation' && threads.get(frame.id);
  if (!opened || frame.mode !== 'reset' || !opened.epoch) return;
  // A first subscription has no place to resume from; what was loaded since is as new as it.
  if (!opened.resumes && opened.head >= frame.head) return;
  const { hasAfter } = opened.state.peek();
  const known = opened.confirmed.peek();
  opened.state.value = { ...opened.state.peek(), stale: true };
  // Who reads further up stays there.
  loadWhole(opened, hasAfter && known.length ? { around: known[known.length >> 1].seq } : {});
});

on('reset', (frame) => { if (frame.topic === 'conversation') resubscribe('conversation', frame.id); });

on('gone', ({ id }) => {
  const lost = threads.get(id);
  if (lost) lost.state.value = { ...lost.state.peek(), phase: 'failed', problem: { message: t('thread.gone') } };
});

on('beat', (frame) => {
  for (const [id, head] of Object.entries(frame.heads ?? {})) {
    const opened = threads.get(id);
    if (opened?.state.peek().phase === 'ready' && !opened.state.peek().busy && head > opened.head) {
      resubscribe('conversation', id);
    }
  }
});

on('live', () => {
  const id = openId.peek();
  if (!id) return;
  send({ t: 'viewing', id });
  refreshDetail(thread(id));
  const { phase, busy } = thread(id).state.peek();
  if (phase === 'failed' || (!thread(id).epoch && busy !== 'whole')) loadLatest(thread(id));
});

onLeave(() => {
  threads.clear();
  recent.length = 0;
  toTell.clear();
  openId.value = null;
});
