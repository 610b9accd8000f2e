// The rows that are picked for an act on many, and what became of it on each.
import { effect, signal } from '../../vendor/signals.js';
import { place } from './filters.js';
import { onLeave } from './session.js';

/** Ids of the picked rows. */
export const picked = signal(new Set());
/** True where rows are picked by touch: their boxes show without a pointer. */
export const picking = signal(false);
/** id -> why the last act on many failed there. */
export const refusals = signal(new Map());

/** What runs or ran last: {action, body, total, done, failed, running, undo: [{ids, action, …}] | null} | null; see bulk.js. */
export const bulk = signal(null);

let anchor = null;

export function flip(id) {
  const next = new Set(picked.peek());
  if (!next.delete(id)) next.add(id);
  anchor = id;
  picked.value = next;
}

/** Picks everything from the last picked row to this one, in the order of `ids`. */
export function extend(id, ids, from = null) {
  if (!anchor || !picked.peek().has(anchor)) anchor = from ?? id;
  const [first, last] = [ids.indexOf(anchor), ids.indexOf(id)].sort((one, two) => one - two);
  if (first < 0) { flip(id); return; }
  picked.value = new Set([...picked.peek(), ...ids.slice(first, last + 1)]);
}

export function pickAll(ids) { picked.value = new Set(ids); }

export function clearPicked() {
  picked.value = new Set();
  picking.value = false;
  refusals.value = new Map();
  anchor = null;
}

let view = null;
effect(() => {
  const { view: here, query } = place.value;
  const next = `${here}?${query}`;
  if (view !== null && view !== next) clearPicked();
  view = next;
});

onLeave(() => { clearPicked(); bulk.value = null; });
