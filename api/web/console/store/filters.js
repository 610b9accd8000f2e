// How the list is narrowed and ordered: read from the address, or from the saved view that the address names.
import { computed, effect, signal } from '../../vendor/signals.js';
import { go, inboxHash, replace, route } from '../core/router.js';
import { inView, unreadOf } from './rows.js';
import { me } from './session.js';
import { savedView, savedViews } from './views.js';

export const SORTS = ['newest', 'oldest', 'waiting'];
const LISTS = ['channel_kind', 'channel_id', 'assignee_id', 'department_id', 'tag_id'];
const FLAGS = ['unread', 'waiting'];
const SINGLES = ['status', 'since', 'until'];
/** All that narrows, in the order of the chips. */
export const FILTERS = [...LISTS, ...FLAGS, ...SINGLES];

/** The inbox part of the address; it stays while another page is open. */
export const place = signal({ page: 'inbox', view: 'mine', saved: null, id: null, at: null, query: '' });
effect(() => { if (route.value.page === 'inbox') place.value = route.value; });

export const searchText = computed(() => new URLSearchParams(place.value.query).get('q') ?? '');

/** {view, sort, and what is set of FILTERS}; null while a saved view is named that is not known yet, or no more. */
export const narrowing = computed(() => {
  const { view, saved, query } = place.value;
  const asked = new URLSearchParams(query);
  if (!saved) return { view, ...read(asked) };
  if (asked.has('edited')) return { view: asked.get('view') ?? 'all', ...read(asked) };
  const found = savedView(saved);
  return found && { view: 'all', sort: 'newest', ...found.query };
});

/** True when the address names a saved view that does not exist (any more). */
export const viewIsGone = computed(() => Boolean(place.value.saved) && savedViews.value !== null && !narrowing.value);
export const isEdited = computed(() => Boolean(place.value.saved) && /(^|&)edited=/.test(place.value.query));
export const narrowed = computed(() => FILTERS.filter((name) => narrowing.value?.[name]).length);

function read(asked) {
  const found = { sort: SORTS.includes(asked.get('sort')) ? asked.get('sort') : 'newest' };
  for (const name of LISTS) if (asked.has(name)) found[name] = asked.getAll(name);
  for (const name of FLAGS) if (asked.get(name) === 'true') found[name] = true;
  for (const name of SINGLES) if (asked.get(name)) found[name] = asked.get(name);
  return found;
}

/** Changes the address to what is narrowed so; in a saved view that is a change not yet kept. */
function show(next) {
  const { saved, id, view } = place.peek();
  const asked = new URLSearchParams();
  if (searchText.peek()) asked.set('q', searchText.peek());
  for (const name of FILTERS) for (const value of [next[name] ?? []].flat()) asked.append(name, value);
  if (next.sort && next.sort !== 'newest') asked.set('sort', next.sort);
  if (saved) { asked.set('edited', '1'); asked.set('view', next.view); }
  go(inboxHash(view, id, null, asked.toString()));
}

/** `value`: a list, true, a text, or null to take the filter away. */
export function setFilter(name, value) {
  const next = { ...narrowing.peek(), [name]: value };
  if (!value || value.length === 0) delete next[name];
  show(next);
}

export function flipFilter(name, value) {
  const chosen = narrowing.peek()?.[name] ?? [];
  setFilter(name, chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
}

export function clearFilters() {
  const { view, sort } = narrowing.peek();
  show({ view, sort });
}

export function setSort(sort) { show({ ...narrowing.peek(), sort }); }

export function setSearch(text) {
  const { view, id, at, query } = place.peek();
  const asked = new URLSearchParams(query);
  if (text) asked.set('q', text); else asked.delete('q');
  replace(inboxHash(view, id, at, asked.toString()));
}

/** What the server is asked: the names of the interface. */
export function asked() {
  const wanted = narrowing.peek();
  return { ...wanted, sort: wanted.sort === 'newest' ? undefined : wanted.sort };
}

/** Whether a live row belongs into what is shown, by the server's rule as far as a row can tell. */
export function belongs(row, wanted = narrowing.value) {
  if (!wanted) return false;
  const { view, status } = wanted;
  // A status asked for takes the place of the view's own.
  const within = status ? row.status === status && (view === 'closed' || inView({ ...row, status: 'open' }, view))
    : inView(row, view);
  return within && passes(row, wanted);
}

function passes(row, wanted) {
  const one = (name, has) => !wanted[name] || wanted[name].some(has);
  return one('channel_id', (id) => row.channel.id === id) && one('channel_kind', (kind) => row.channel.kind === kind)
    && one('assignee_id', (id) => (row.assignee?.id ?? 'none') === (id === 'me' ? me.value?.id : id))
    && one('department_id', (id) => (row.department?.id ?? 'none') === id)
    && one('tag_id', (id) => row.tags.some((tag) => tag.id === id))
    // What is being read may not vanish for having been read.
    && (!wanted.unread || unreadOf(row.id) > 0 || row.id === place.value.id)
    && (!wanted.waiting || Boolean(row.waiting_since))
    && (!wanted.since || row.last_activity_at >= wanted.since)
    && (!wanted.until || row.last_activity_at <= wanted.until);
}

/** How two rows stand in the present order, as the server has it; below zero when the first comes first. */
export function byOrder(one, two, sort = narrowing.peek()?.sort) {
  const key = (row) => (sort === 'waiting' ? row.waiting_since ?? '9' : row.last_activity_at);
  const [first, second] = key(one) === key(two) ? [one.id, two.id] : [key(one), key(two)];
  return (first < second) === (sort === 'oldest' || sort === 'waiting') ? -1 : 1;
}
