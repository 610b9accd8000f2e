// The address: what is open is always in the hash, so that back, reload and a copied link all work.
import { signal } from '../../vendor/signals.js';

export const VIEWS = ['mine', 'unassigned', 'all', 'closed'];

export const route = signal(parse(location.hash));

/** `holds(hash)` may keep the page where it is, because something on it is not saved. */
export const leaving = { holds: null };

addEventListener('hashchange', (event) => {
  if (leaving.holds?.(location.hash)) { history.replaceState(null, '', event.oldURL); return; }
  route.value = parse(location.hash);
});

/** Reads a hash into {page, view, id, at} | {page, section, id, step, focus} | {page, token}. */
function parse(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, first, second, third] = path.split('/').map(decodeURIComponent);
  if (page === 'reset' && first) return { page, token: first };
  if (page === 'register') return { page };
  if (page === 'settings') {
    const focus = new URLSearchParams(query).get('focus');
    return { page, section: first || null, id: second || null, step: third || null, focus };
  }
  const at = Number(new URLSearchParams(query).get('at')) || null;
  return { page: 'inbox', view: VIEWS.includes(first) ? first : 'mine', id: second || null, at };
}

export function inboxHash(view, id = null, at = null) {
  return `#/inbox/${view}${id ? `/${id}` : ''}${at ? `?at=${at}` : ''}`;
}

export function go(hash) { if (location.hash !== hash) location.hash = hash; }

/** Leaves the open conversation, on the way out of it or back to the list. */
export function closeThread() { go(inboxHash(route.value.view ?? 'mine')); }
