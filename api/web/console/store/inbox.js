// The list on screen: pages of the chosen view merged with live rows, held still while it is being read.
import { batch, computed, effect, signal } from '../../vendor/signals.js';
import { get, Problem } from '../core/api.js';
import { on, subscribe } from '../core/wire.js';
import { route } from '../core/router.js';
import { asked, belongs, byOrder, narrowing, place, viewIsGone } from './filters.js';
import { me, onEnter, onLeave, status } from './session.js';
import { dropRow, knownRows, markerSignal, mergeRow, recount, revision, rowSignal } from './rows.js';

const PAGE = 50;
const NOTHING = { ids: [], cursor: null, state: 'idle', problem: null };
/** Views whose membership a row alone does not tell: the server's answer stands, and is asked for again. */
const TOLD = new Set(['mentions', 'bots']);

/** {ids, cursor, state: idle|loading|more|ready|failed, problem}. */
export const pages = signal(NOTHING);
/** True while the pointer is over the list or it is scrolled: nothing may move then. */
export const held = signal(false);

let turn = 0;
let frozen = { ids: [], rows: new Map() };
let missing = null;
let again = null;
let arrived = false;

/** What the list would be if it were free to move. */
const wished = computed(() => {
  revision.value;
  const { ids, cursor } = pages.value;
  const wanted = narrowing.value;
  const known = ids.filter((id) => rowSignal(id).peek());
  if (!wanted || wanted.view === 'mentions') return known;
  const loaded = new Set(known);
  const floor = cursor && known.length ? rowSignal(known[known.length - 1]).peek() : null;
  return knownRows()
    .filter((row) => belongs(row, wanted) && (loaded.has(row.id)
      || (!TOLD.has(wanted.view) && (!floor || byOrder(row, floor) < 0))))
    .sort(byOrder).map((row) => row.id);
});

/** The ids in the order on screen. */
export const shown = signal([]);
/** How many rows wait to be let in at the top. */
export const waitingIn = signal(0);

effect(() => {
  const ids = wished.value;
  // The first page of a view is let in wherever the pointer rests.
  if (held.value && arrived) hold(ids);
  else letIn();
});

export function letIn() {
  const ids = wished.peek();
  frozen = { ids, rows: new Map(ids.map((id) => [id, rowSignal(id).peek()])) };
  batch(() => {
    shown.value = ids;
    waitingIn.value = 0;
  });
}

/** Rows that left stay in place and are greyed; rows that came or moved up are counted. Pages below still grow. */
function hold(ids) {
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
      pages.value = { ids, cursor: answer.next_cursor, state: 'ready', problem: null };
    });
    arrived = true;
  } catch (problem) {
    if (mine !== turn || !(problem instanceof Problem)) return;
    pages.value = { ...pages.peek(), state: 'failed', problem };
  }
}

/** Frames carry no marker of ours, so a conversation never seen before is asked for once more. */
function askMarkers() {
  missing ??= setTimeout(async () => {
    missing = null;
    try {
      const answer = await get('/conversations', { view: 'all', limit: PAGE });
      batch(() => answer.results.forEach(mergeRow));
    } catch {
      // The next new row asks again.
    }
  }, 400);
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
