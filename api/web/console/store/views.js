// The saved views: own ones and those that the team shares.
import { signal } from '../../vendor/signals.js';
import { del, get, patch, post } from '../core/api.js';
import { hearTabs, tellTabs } from '../core/tabs.js';
import { recount } from './rows.js';
import { may, me, onEnter, onLeave } from './session.js';

/** [{id, name, query, shared, owner_id, position}] in their order; null until they are known. */
export const savedViews = signal(null);

export function savedView(id) { return savedViews.value?.find((one) => one.id === id) ?? null; }

/** Whether I may rename, move or delete it. */
export function mayChange(view) { return view.shared ? may('view:manage') : view.owner_id === me.value?.id; }

export async function refreshViews() {
  try {
    take((await get('/views')).results);
  } catch {
    savedViews.value ??= [];
  }
}

/** Answers the new view; throws Problem. */
export async function createView({ name, query, shared }) {
  const position = Math.max(-1, ...savedViews.peek()?.map((view) => view.position) ?? []) + 1;
  const made = await post('/views', { name, query, shared, position });
  take([...savedViews.peek() ?? [], made]);
  recount();
  tellTabs('views');
  return made;
}

/** `changes`: {name?, query?, shared?, position?}. */
export async function changeView(id, changes) {
  const changed = await patch(`/views/${id}`, changes);
  take(savedViews.peek().map((view) => (view.id === id ? changed : view)));
  if (changes.query) recount();
  tellTabs('views');
}

export async function removeView(id) {
  await del(`/views/${id}`);
  take(savedViews.peek().filter((view) => view.id !== id));
  tellTabs('views');
}

/** Puts a view one place up (-1) or down (1) among those that I may change; what did not arrive is put back. */
export async function moveView(id, step) {
  const before = savedViews.peek();
  const own = before.filter(mayChange);
  const from = own.findIndex((view) => view.id === id);
  const other = own[from + step];
  if (!other) return;
  const order = before.map((view) => (view.id === id ? other : view.id === other.id ? own[from] : view));
  const moved = order.map((view, position) => ({ ...view, position }));
  savedViews.value = moved;
  try {
    const changed = moved.filter((view) => mayChange(view)
      && view.position !== before.find((one) => one.id === view.id).position);
    for (const { id: one, position } of changed) await patch(`/views/${one}`, { position });
    tellTabs('views');
  } catch (problem) {
    savedViews.value = before;
    throw problem;
  }
}

function take(views) {
  savedViews.value = [...views].sort((one, two) => one.position - two.position || one.name.localeCompare(two.name));
}

hearTabs('views', () => { refreshViews(); recount(); });
onEnter(refreshViews);
onLeave(() => { savedViews.value = null; });
