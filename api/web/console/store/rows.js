// Every conversation row the page knows, its unread marker, and the counts of the views.
import { batch, signal } from '../../vendor/signals.js';
import { get } from '../core/api.js';
import { on } from '../core/wire.js';
import { me, onLeave } from './session.js';

const UNKNOWN = { mine: null, unassigned: null, mentions: null, snoozed: null, bots: null, all: null, closed: null,
  unread: 0, views: {} };

/** id -> signal of Row; a row component reads only its own. */
const rows = new Map();
/** id -> signal of {seq, inbound_seen} | null. */
const markers = new Map();
/** Moves when the membership or the order of any list may have changed; `takeMoved` then says by which rows. */
export const revision = signal(0);
export const counts = signal(UNKNOWN);

/** id -> what acts on their way to the server show already, the latest last. */
const guesses = new Map();
const moved = new Set();
let counting = null;
let countedAt = 0;

export function rowSignal(id) {
  if (!rows.has(id)) rows.set(id, signal(null));
  return rows.get(id);
}

export function markerSignal(id) {
  if (!markers.has(id)) markers.set(id, signal(null));
  return markers.get(id);
}

/** Says that this row may have another place now, or none. */
export function move(id) {
  moved.add(id);
  revision.value += 1;
}

/** The ids that moved since this was last asked. */
export function takeMoved() {
  const ids = new Set(moved);
  moved.clear();
  return ids;
}

/** All rows; readers that must follow changes read `revision` too. */
export function knownRows() { return [...rows.values()].map((held) => held.peek()).filter(Boolean); }

export function unreadOf(id) {
  const row = rowSignal(id).value;
  const marker = markerSignal(id).value;
  return row && marker ? Math.max(0, row.inbound_count - marker.inbound_seen) : 0;
}

/** Shows an act before its answer; what is called when that has come takes the guess away. */
export function guess(id, shown) {
  const made = { shown, before: rowSignal(id).peek() };
  guesses.set(id, [...guesses.get(id) ?? [], made]);
  return () => {
    const left = guesses.get(id)?.filter((one) => one !== made) ?? [];
    if (left.length) guesses.set(id, left);
    else guesses.delete(id);
  };
}

/**
 * Takes a row from an answer or a frame; the higher head wins, and an equal one is a fresh answer, though neither one
 * that was asked for before an act that is still on its way nor news of other things can take that back. Answers whether
 * the row was new.
 */
export function mergeRow(row) {
  const held = rowSignal(row.id);
  const before = held.peek();
  if (row.marker) mergeMarker(row.id, row.marker);
  if (before && before.head_seq > row.head_seq) return false;
  const { marker, ...shared } = row;
  for (const made of guesses.get(row.id) ?? []) {
    for (const [name, value] of Object.entries(made.shown)) {
      if (row.head_seq === before?.head_seq || alike(row[name], made.before?.[name])) shared[name] = value;
    }
  }
  batch(() => {
    held.value = before ? { ...before, ...shared } : shared;
    shiftCounts(before, shared);
    if (!before || orderOf(before) !== orderOf(shared)) move(row.id);
  });
  return !before;
}

/** Whether two values of one field say the same, or lists of them. */
export function alike(one, other) { return JSON.stringify(plain(one)) === JSON.stringify(plain(other)); }
function plain(value) { return Array.isArray(value) ? value.map(plain) : value?.id ?? value ?? null; }

export function mergeMarker(id, marker) {
  const held = markerSignal(id);
  held.value = { seq: marker.seq, inbound_seen: marker.inbound_seen };
}

export function dropRow(id) {
  const held = rows.get(id);
  if (!held?.peek()) return;
  batch(() => {
    shiftCounts(held.peek(), null);
    held.value = null;
    move(id);
  });
}

/** Whether a row stands in a view, by the same rule as the server's as far as a row can tell. */
export function inView(row, view) {
  if (view === 'mentions') return true;
  if (view === 'closed') return row.status === 'closed';
  if (row.status !== 'open') return false;
  if (view === 'bots') return !row.assignee && !row.snoozed_until;
  if (view === 'snoozed' || row.snoozed_until) return view === 'snoozed' && Boolean(row.snoozed_until);
  if (view === 'mine') return row.assignee?.id === me.value?.id;
  if (view === 'unassigned') return !row.assignee;
  return true;
}

/** Asks for the true counts soon; many calls in a burst become one request every two seconds at most. */
export function recount() {
  if (counting) return;
  counting = setTimeout(async () => {
    counting = null;
    countedAt = Date.now();
    try {
      counts.value = await get('/conversations/counts');
    } catch {
      // The shifted numbers stand until the next change asks again.
    }
  }, Math.max(150, 2000 - (Date.now() - countedAt)));
}

function orderOf(row) {
  return [row.last_activity_at, row.status, row.assignee?.id, row.department?.id, row.snoozed_until, row.waiting_since,
    row.tags.map((tag) => tag.id)].join('|');
}

function shiftCounts(before, after) {
  const views = ['mine', 'unassigned', 'snoozed', 'all', 'closed'].filter((view) => counts.peek()[view] != null);
  const change = (row, step) => views.filter((view) => row && inView(row, view)).map((view) => [view, step]);
  const moves = before ? [...change(before, -1), ...(after ? change(after, 1) : [])] : [];
  if (moves.length === 0 || counts.peek() === UNKNOWN) return;
  const next = { ...counts.peek() };
  for (const [view, step] of moves) next[view] = Math.max(0, next[view] + step);
  if (views.some((view) => next[view] !== counts.peek()[view])) counts.value = next;
}

on('marker', (frame) => { mergeMarker(frame.id, frame); recount(); });

onLeave(() => {
  rows.clear();
  markers.clear();
  guesses.clear();
  moved.clear();
  clearTimeout(counting);
  counting = null;
  countedAt = 0;
  counts.value = UNKNOWN;
});
