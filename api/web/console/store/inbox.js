// The list on screen: pages of the chosen view merged with live rows, held still while it is being read.
import { batch, computed, effect, signal } from '../../vendor/signals.js';
import { get, Problem } from '../core/api.js';
import { on, subscribe } from '../core/wire.js';
import { route } from '../core/router.js';
import { asked, belongs, byOrder, narrowing, place, viewIsGone } from './filters.js';
import { me, onEnter, onLeave, status } from './session.js';
import { dropRow, knownRows, markerSignal, mergeRow, recount, revision, rowSignal, takeMoved } from './rows.js';

const PAGE = 50;
const NOTHING = { ids: [], loaded: new Set(), floor: null, cursor: null, state: 'idle', problem: null };
/** Views whose membership a row alone does not tell: the server's answer stands, and is asked for again. */
const TOLD = new Set(['mentions', 'bots']);

/** {ids, loaded: the same as a set, floor: the last row as it came while more follow, cursor, state: idle|loading|more|ready|failed, problem}. */
export const pages = signal(NOTHING);
/** True while the pointer is over the list or it is scrolled: nothing may move then. */
export const held = signal(false);

/** A flood moves the list this many milliseconds apart; a single change is never kept waiting. */
const PACE = 100;

let turn = 0;
let missing = null;
let askedAt = 0;
let again = null;
let arrived = false;
/** The list as it was made last, and from what: most changes concern a few of its rows. */
let made = { ids: [], of: null, wanted: null };
/** What was on screen when it began to be held: {ids, rows}; null while it is free. */
let frozen = null;

/** What the list would be if it were free to move. */
const wished = computed(() => {
  revision.value;
  const { ids } = pages.value;
  const wanted = narrowing.value;
  const moved = takeMoved();
  if (!wanted || wanted.view === 'mentions') {
    made = { ids: ids.filter((id) => rowSignal(id).peek()), of: null, wanted };
    return made.ids;
  }
  const fits = fitting(wanted);
  // What is unread changes without a row moving.
  const anew = made.of !== ids || made.wanted !== wanted || wanted.unread;
  made = { ids: anew ? whole(wanted, fits) : patched(made.ids, moved, wanted, fits), of: ids, wanted };
  return made.ids;
});

/** Whether a row belongs into the list as far as it is loaded. */
function fitting(wanted) {
  const { loaded, floor } = pages.peek();
  return (row) => belongs(row, wanted) && (loaded.has(row.id)
    || (!TOLD.has(wanted.view) && (!floor || byOrder(row, floor, wanted.sort) < 0)));
}

function whole({ sort }, fits) {
  return knownRows().filter(fits).sort((one, two) => byOrder(one, two, sort)).map((row) => row.id);
}

/** The list with the moved rows at their new places; all others stand in order already. */
function patched(ids, moved, { sort }, fits) {
  const next = ids.filter((id) => !moved.has(id));
  for (const id of moved) {
    const row = rowSignal(id).peek();
    if (row && fits(row)) next.splice(placeOf(row, next, sort), 0, id);
  }
  return next;
}

function placeOf(row, ids, sort) {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byOrder(rowSignal(ids[middle]).peek(), row, sort) < 0) low = middle + 1; else high = middle;
  }
  return low;
}

/** The ids in the order on screen. */
export const shown = signal([]);
/** How many rows wait to be let in at the top. */
export const waitingIn = signal(0);

let paced = null;
let pacedAt = 0;
let before = {};

effect(() => {
  wished.value;
  const now = { page: pages.value, still: held.value };
  const wait = now.page === before.page && now.still === before.still ? pacedAt + PACE - performance.now() : 0;
  before = now;
  if (wait <= 0) follow();
  else paced ??= setTimeout(follow, wait);
});

function follow() {
  clearTimeout(paced);
  paced = null;
  pacedAt = performance.now();
  // The first page of a view is let in wherever the pointer rests.
  if (held.peek() && arrived) hold(wished.peek());
  else letIn();
}

export function letIn() {
  const ids = wished.peek();
  frozen = held.peek() ? asTheyAre(ids) : null;
  batch(() => {
    shown.value = ids;
    waitingIn.value = 0;
  });
}

function asTheyAre(ids) { return { ids, rows: new Map(ids.map((id) => [id, rowSignal(id).peek()])) }; }

/** Rows that left stay in place and are greyed; rows that came or moved up are counted. Pages below still grow. */
function hold(ids) {
  frozen ??= asTheyAre(shown.peek());
  const last = frozen.rows.get(frozen.ids[frozen.ids.length - 1]);
  const above = (id) => !last || byOrder(rowSignal(id).peek(), last) < 0;
  const fresh = ids.filter((id) => id !== route.peek().id
    && (frozen.rows.has(id) ? byOrder(rowSignal(id).peek(), frozen.rows.get(id)) < 0 && rose(id) : above(id)));
  const below = ids.filter((id) => !frozen.rows.has(id) && !above(id));
  for (const id of below) frozen.rows.set(id, rowSignal(id).peek());
  if (below.length) frozen.ids = [...frozen.ids, ...below];
  batch(() => {
    shown.value = frozen.ids.filter((id) => rowSignal(id).peek());
    waitingIn.value = fresh.length;
  });
}

function rose(id) { return rowSignal(id).peek().last_activity_at > frozen.rows.get(id).last_activity_at; }

/** True for a row that is still shown but no longer belongs. */
export function hasLeft(row) { return !belongs(row); }

/** Loads the first page of the view with its filters; an answer that was overtaken is dropped. */
export async function reload() {
  if (!narrowing.peek()) return;
  turn += 1;
  pages.value = { ...pages.peek(), state: pages.peek().ids.length ? 'ready' : 'loading', problem: null };
  await fetchPage(turn, null);
}

/** The same a little later, once for many calls. */
export function reloadSoon() {
  again ??= setTimeout(() => { again = null; reload(); }, 600);
}

export async function loadMore() {
  const { cursor, state } = pages.peek();
  if (!cursor || state === 'more' || state === 'loading') return;
  pages.value = { ...pages.peek(), state: 'more' };
  await fetchPage(turn, cursor);
}

async function fetchPage(mine, cursor) {
  try {
    const answer = await get('/conversations', { ...asked(), cursor, limit: cursor ? 2 * PAGE : PAGE });
    if (mine !== turn) return;
    batch(() => {
      for (const row of answer.results) mergeRow(row);
      const before = cursor ? pages.peek().ids : [];
      const ids = [...new Set([...before, ...answer.results.map((row) => row.id)])];
      pages.value = { ids, loaded: new Set(ids), floor: answer.next_cursor ? answer.results.at(-1) : null,
        cursor: answer.next_cursor, state: 'ready', problem: null };
    });
    arrived = true;
  } catch (problem) {
    if (mine !== turn || !(problem instanceof Problem)) return;
    pages.value = { ...pages.peek(), state: 'failed', problem };
  }
}

/** Frames carry no marker of ours, so a conversation never seen before is asked for once more; a flood asks seldom. */
function askMarkers() {
  missing ??= setTimeout(async () => {
    missing = null;
    askedAt = Date.now();
    try {
      const answer = await get('/conversations', { view: 'all', limit: PAGE });
      batch(() => answer.results.forEach(mergeRow));
    } catch {
      // The next new row asks again.
    }
  }, Math.max(400, 3000 - (Date.now() - askedAt)));
}

let key = null;
effect(() => {
  if (status.value !== 'in') { key = null; return; }
  const next = JSON.stringify([me.value?.id, place.value.view, narrowing.value, viewIsGone.value]);
  if (next === key) return;
  key = next;
  arrived = false;
  pages.value = narrowing.value ? NOTHING : { ...NOTHING, state: viewIsGone.value ? 'ready' : 'loading' };
  held.value = false;
  reload();
});

on('live', () => { reload(); recount(); });
on('row', ({ row }) => {
  mergeRow(row);
  recount();
  if (!markerSignal(row.id).peek()) askMarkers();
  if (narrowing.peek()?.view === 'bots') reloadSoon();
});
on('notification', ({ notification: { kind } }) => {
  if (kind === 'mention' && narrowing.peek()?.view === 'mentions') reloadSoon();
});
on('gone', ({ id }) => { dropRow(id); recount(); });
on('reset', (frame) => { if (frame.topic === 'inbox') { subscribe('inbox'); reload(); } });

onEnter(() => subscribe('inbox'));
onLeave(() => { pages.value = NOTHING; });
