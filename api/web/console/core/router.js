// The address: what is open and how the list is narrowed is always in the hash, so that back, reload and a copied link work.
import { signal } from '../../vendor/signals.js';

export const VIEWS = ['mine', 'unassigned', 'mentions', 'snoozed', 'bots', 'all', 'closed'];
/** A saved view stands in the address as this and its id. */
const SAVED = 'saved:';

export const route = signal(parse(location.hash));

/** `holds(hash)` may keep the page where it is, because something on it is not saved. */
export const leaving = { holds: null };

addEventListener('hashchange', (event) => {
  if (leaving.holds?.(location.hash)) { history.replaceState(null, '', event.oldURL); return; }
  route.value = parse(location.hash);
});

/** Reads a hash into {page, view, saved, id, at, query} | {page, section, id, step, focus} | {page, token}. `query` is the text of the filters. */
function parse(hash) {
  const [path, asked = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, first = '', second, third] = path.split('/').map(plain);
  if (page === 'reset' && first) return { page, token: first };
  if (page === 'register' || page === 'forgot') return { page };
  const query = new URLSearchParams(asked);
  if (page === 'settings') {
    return { page, section: first || null, id: second || null, step: third || null, focus: query.get('focus') };
  }
  const at = Number(query.get('at')) || null;
  query.delete('at');
  const saved = first.startsWith(SAVED) ? first.slice(SAVED.length) : null;
  const view = saved || VIEWS.includes(first) ? first : 'mine';
  return { page: 'inbox', view, saved, id: second || null, at, query: query.toString() };
}

/** A broken escape in a pasted address is read as it stands. */
function plain(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** Without a `query` the filters of the present view are kept; going to another view leaves them behind. */
export function inboxHash(view, id = null, at = null, query = kept(view)) {
  const asked = new URLSearchParams(query);
  if (at) asked.set('at', at);
  const tail = asked.toString();
  return `#/inbox/${view}${id ? `/${id}` : ''}${tail ? `?${tail}` : ''}`;
}

function kept(view) {
  const { page, view: here, query } = route.peek();
  return page === 'inbox' && here === view ? query : '';
}

export function savedName(id) { return SAVED + id; }

export function go(hash) { if (location.hash !== hash) location.hash = hash; }

/** Changes the address without a step in the history, as while words are typed. */
export function replace(hash) {
  if (location.hash === hash) return;
  history.replaceState(null, '', hash);
  route.value = parse(hash);
}

/** Leaves the open conversation, on the way out of it or back to the list. */
export function closeThread() { go(inboxHash(route.value.view ?? 'mine')); }
