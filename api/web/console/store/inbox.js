// The list on screen: pages of the chosen view merged with live rows, held still while it is being read.
import { batch, computed, effect, signal } from '../../vendor/signals.js';
import { get, Problem } from '../core/api.js';
import { on, subscribe } from '../core/wire.js';
import { route } from '../core/router.js';
import { me, onEnter, onLeave, status } from './session.js';
import { dropRow, inView, knownRows, markerSignal, mergeRow, recount, revision, rowSignal } from './rows.js';

const PAGE = 50;

export const view = signal('mine');
export const searchText = signal('');
/** {channel_id, assignee_id, tag_id, department_id}: null where not filtered. */
export const filters = signal({});
/** {ids, cursor, state: idle|loading|more|ready|failed, problem}. */
export const pages = signal({ ids: [], cursor: null, state: 'idle', problem: null });
/** True while the pointer is over the list or it is scrolled: nothing may move then. */
export const held = signal(false);
export const hits = signal([]);

let asked = 0;
let frozen = { ids: [], at: new Map() };
let missing = null;
let arrived = false;

/** What the list would be if it were free to move. */
const wished = computed(() => {
  revision.value;
  const { ids, cursor } = pages.value;
  if (searchText.value) return ids.filter((id) => rowSignal(id).peek());
  const loaded = new Set(ids);
  const last = ids.length ? rowSignal(ids[ids.length - 1]).peek()?.last_activity_at : null;
  const floor = cursor && last ? last : '';
  return knownRows()
    .filter((row) => inView(row, view.value) && passes(row) && (loaded.has(row.id) || row.last_activity_at >= floor))
    .sort((one, two) => (one.last_activity_at < two.last_activity_at ? 1 : -1))
    .map((row) => row.id);
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
  frozen = { ids, at: new Map(ids.map((id) => [id, rowSignal(id).peek()?.last_activity_at])) };
  batch(() => {
    shown.value = ids;
    waitingIn.value = 0;
  });
}

/** Rows that left stay in place and are greyed; rows that came or moved up are counted. Pages below still grow. */
function hold(ids) {
  const there = new Set(frozen.ids);
  const floor = frozen.ids.length ? frozen.at.get(frozen.ids[frozen.ids.length - 1]) : '';
  const fresh = ids.filter((id) => {
    if (id === route.peek().id) return false;
    const at = rowSignal(id).peek().last_activity_at;
    return there.has(id) ? at > frozen.at.get(id) : at > floor;
  });
  const below = ids.filter((id) => !there.has(id) && rowSignal(id).peek().last_activity_at <= floor);
  frozen.ids = [...frozen.ids, ...below];
  for (const id of below) frozen.at.set(id, rowSignal(id).peek().last_activity_at);
  batch(() => {
    shown.value = frozen.ids.filter((id) => rowSignal(id).peek());
    waitingIn.value = fresh.length;
  });
}

/** True for a row that is still shown but no longer belongs. */
export function hasLeft(row) { return !searchText.value && !inView(row, view.value); }

/** Loads the first page of the view with its search and filters; an answer that was overtaken is dropped. */
export async function reload() {
  const turn = asked += 1;
  const quiet = pages.peek().ids.length > 0;
  pages.value = { ...pages.peek(), state: quiet ? 'ready' : 'loading', problem: null };
  await fetchPage(turn, null);
  findMessages(turn);
}

export async function loadMore() {
  const { cursor, state } = pages.peek();
  if (!cursor || state === 'more' || state === 'loading') return;
  pages.value = { ...pages.peek(), state: 'more' };
  await fetchPage(asked, cursor);
}

async function fetchPage(turn, cursor) {
  try {
    const query = { view: view.peek(), search: searchText.peek(), ...filters.peek(), cursor, limit: PAGE };
    const answer = await get('/conversations', query);
    if (turn !== asked) return;
    batch(() => {
      for (const row of answer.results) mergeRow(row);
      const before = cursor ? pages.peek().ids : [];
      const ids = [...new Set([...before, ...answer.results.map((row) => row.id)])];
      pages.value = { ids, cursor: answer.next_cursor, state: 'ready', problem: null };
    });
    arrived = true;
  } catch (problem) {
    if (turn !== asked || !(problem instanceof Problem)) return;
    pages.value = { ...pages.peek(), state: 'failed', problem };
  }
}

/** Messages that hold the words, beside the conversations that do. */
async function findMessages(turn) {
  const text = searchText.peek().trim();
  if (text.length < 2) { hits.value = []; return; }
  try {
    const answer = await get('/search', { q: text, limit: 20 });
    if (turn === asked) hits.value = answer.messages;
  } catch {
    if (turn === asked) hits.value = [];
  }
}

function passes(row) {
  const { channel_id: channel, assignee_id: assignee, tag_id: tag, department_id: department } = filters.value;
  return (!channel || row.channel.id === channel) && (!assignee || row.assignee?.id === assignee)
    && (!department || row.department?.id === department) && (!tag || row.tags.some((one) => one.id === tag));
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
  if (route.value.page === 'inbox') view.value = route.value.view;
  const next = JSON.stringify([me.value?.id, view.value, searchText.value, filters.value]);
  if (next === key) return;
  key = next;
  arrived = false;
  pages.value = { ids: [], cursor: null, state: 'idle', problem: null };
  held.value = false;
  reload();
});

on('live', () => { reload(); recount(); });
on('row', ({ row }) => {
  mergeRow(row);
  recount();
  if (!markerSignal(row.id).peek()) askMarkers();
});
on('gone', ({ id }) => { dropRow(id); recount(); });
on('reset', (frame) => { if (frame.topic === 'inbox') { subscribe('inbox'); reload(); } });

onEnter(() => subscribe('inbox'));
onLeave(() => {
  pages.value = { ids: [], cursor: null, state: 'idle', problem: null };
  hits.value = [];
  searchText.value = '';
  filters.value = {};
});
