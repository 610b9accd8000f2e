// Everything a person can do, each with a name, a key and the moment it applies; the command bar, the help sheet and the keys read it.
import { signal } from '../../vendor/signals.js';
import { closeThread, go, inboxHash, route, VIEWS } from '../core/router.js';
import * as acts from '../store/acts.js';
import { setOwnState } from '../store/directory.js';
import { composeAs } from '../store/composing.js';
import { afterClose } from '../store/preferences.js';
import { letIn, shown } from '../store/inbox.js';
import { narrowed, searchText } from '../store/filters.js';
import { findOpen } from '../store/finding.js';
import { clearPicked, extend, flip, pickAll, picked } from '../store/selection.js';
import { snoozing } from '../store/snoozing.js';
import { rowSignal, unreadOf } from '../store/rows.js';
import { applyTheme, signOut } from '../store/session.js';
import { thread } from '../store/threads.js';

/** What floats over the page: null | 'commands' | 'help' | 'snooze' | 'save_view' | 'edit_views'. */
export const overlay = signal(null);
/** What was typed after the command bar was called and before it stood. */
export const typedAhead = { words: '' };
export function takeTyped() { const { words } = typedAhead; typedAhead.words = ''; return words; }
/** Whether the panel slides over the thread on narrower screens. */
export const panelOpen = signal(false);

const inbox = () => route.value.page === 'inbox';
const open = () => (inbox() ? route.value.id : null);
const can = (what) => open() && thread(open()).detail.value?.can?.[what] !== false;
const openRow = () => (open() ? rowSignal(open()).value : null);

/** {id, keys, group, when, run}; the name is the text `command.<id>`. Keys are as KeyboardEvent.key, "Mod+" for Ctrl or ⌘. */
export const commands = [
  { id: 'next', keys: ['j', 'ArrowDown'], group: 'list', when: inbox, run: () => move(1) },
  { id: 'previous', keys: ['k', 'ArrowUp'], group: 'list', when: inbox, run: () => move(-1) },
  { id: 'open', keys: ['Enter'], group: 'list', when: () => false, run: () => {} },
  { id: 'next_open', keys: ['Shift+j'], group: 'list', when: open, run: () => step(1) },
  { id: 'previous_open', keys: ['Shift+k'], group: 'list', when: open, run: () => step(-1) },
  { id: 'search', keys: ['/'], group: 'list', when: inbox, run: () => focusOn('#search') },
  { id: 'filter', keys: ['f'], group: 'list', when: inbox, run: () => press('[data-act="filter"]') },
  { id: 'sort', keys: [], group: 'list', when: inbox, run: () => press('[data-act="sort"]') },
  { id: 'views', keys: ['v'], group: 'list', when: inbox, run: () => press('[data-act="views"]') },
  { id: 'save_view', keys: [], group: 'list', when: () => inbox() && narrowed.value > 0,
    run: () => { overlay.value = 'save_view'; } },
  { id: 'edit_views', keys: [], group: 'list', when: inbox, run: () => { overlay.value = 'edit_views'; } },
  { id: 'pick', keys: ['x'], group: 'list', when: listed, run: () => flip(cursor()) },
  { id: 'pick_down', keys: ['Shift+ArrowDown'], group: 'list', when: listed, run: () => stretch(1) },
  { id: 'pick_up', keys: ['Shift+ArrowUp'], group: 'list', when: listed, run: () => stretch(-1) },
  { id: 'pick_all', keys: ['Mod+a'], group: 'list', when: listed, run: () => pickAll(shown.peek()) },
  { id: 'let_in', keys: ['.'], group: 'list', when: inbox, run: letIn },
  { id: 'reply', keys: ['r'], group: 'conversation', when: open, run: () => composeAs('reply') },
  { id: 'note', keys: ['n'], group: 'conversation', when: open, run: () => composeAs('note') },
  { id: 'messages', keys: ['m'], group: 'conversation', when: open, run: toMessages },
  { id: 'attach', keys: ['Shift+a'], group: 'conversation', when: () => can('reply'), run: () => press('[data-act="attach"]') },
  { id: 'record', keys: ['Shift+r'], group: 'conversation', when: () => can('reply'), run: () => press('[data-act="record"]') },
  { id: 'emoji', keys: [':'], group: 'conversation', when: () => can('reply'), run: () => press('[data-act="emoji"]') },
  { id: 'send_more', keys: ['Shift+s'], group: 'conversation', when: () => can('reply'),
    run: () => press('[data-act="send-more"]') },
  { id: 'accept', keys: ['a'], group: 'conversation', when: () => openRow()?.status === 'open' &&
    !openRow().assignee && can('accept'), run: () => acts.accept(open()) },
  { id: 'assign', keys: ['s'], group: 'conversation', when: () => openRow()?.status === 'open' && can('assign'),
    run: () => press('[data-act="assign"]') },
  { id: 'tags', keys: ['l'], group: 'conversation', when: () => can('tag'), run: () => press('[data-act="tags"]') },
  { id: 'close', keys: ['e'], group: 'conversation', when: () => openRow()?.status === 'open',
    run: closeOpen },
  { id: 'reopen', keys: ['o'], group: 'conversation', when: () => openRow()?.status === 'closed',
    run: () => acts.reopen(open()) },
  { id: 'unread', keys: ['u'], group: 'conversation', when: () => open() && unreadOf(open()) === 0, run: markUnread },
  { id: 'snooze', keys: ['h'], group: 'conversation', when: () => openRow()?.status === 'open' && can('close'),
    run: snoozeOpen },
  { id: 'resume', keys: [], group: 'conversation', when: () => Boolean(openRow()?.snoozed_until) && can('close'),
    run: () => acts.resume(open()) },
  { id: 'find', keys: ['Mod+f'], group: 'conversation', when: open, run: () => { typedAhead.words = ''; findOpen.value = open(); } },
  { id: 'panel', keys: ['i'], group: 'conversation', when: open, run: () => { panelOpen.value = !panelOpen.value; } },
  { id: 'back', keys: ['Escape'], group: 'conversation', when: () => open() || picked.value.size > 0, run: leave },
  ...VIEWS.map((view, index) => ({ id: `view_${view}`, keys: [`Alt+${index + 1}`], group: 'go', when: () => true,
    run: () => go(inboxHash(view)) })),
  { id: 'settings', keys: [], group: 'go', when: () => true, run: () => go('#/settings') },
  ...['online', 'away', 'busy'].map((state) => ({ id: `be_${state}`, keys: [], group: 'me', when: () => true,
    run: () => setOwnState(state) })),
  ...['system', 'light', 'dark'].map((theme) => ({ id: `theme_${theme}`, keys: [], group: 'me', when: () => true,
    run: () => applyTheme(theme) })),
  { id: 'notifications', keys: ['b'], group: 'me', when: () => true, run: () => press('[data-act="bell"]') },
  { id: 'team', keys: [], group: 'me', when: () => true, run: () => press('[data-act="team"]') },
  { id: 'commands', keys: ['Mod+k'], group: 'me', when: () => true, run: openCommands },
  { id: 'help', keys: ['?'], group: 'me', when: () => true, run: () => { overlay.value = 'help'; } },
  { id: 'sign_out', keys: [], group: 'me', when: () => true, run: () => signOut() },
];

/** The last row that the keyboard went to: it may not be drawn yet, or not any more. */
let stood = null;

/** The row that the keyboard stands on, or the open one; null while another list is shown. */
function cursor() {
  const { activeElement: here } = document;
  const id = here?.dataset?.row ?? (here === document.body ? stood : null) ?? route.peek().id;
  return shown.peek().includes(id) ? id : null;
}

/** Where the keyboard begins in a list that nobody stands in: the first row that is in sight. */
function inSight() {
  const top = document.querySelector('.rows')?.getBoundingClientRect().top ?? 0;
  const rows = [...document.querySelectorAll('.rows .row')];
  return shown.peek().indexOf(rows.find((row) => row.getBoundingClientRect().top >= top - 1)?.dataset.row);
}

function listed() { return inbox() && !searchText.value && Boolean(cursor()); }

/** Moves the focus over the list; the row that has it is the cursor. */
function move(step) {
  const ids = shown.peek();
  if (searchText.peek()) { document.querySelector('.found [data-result]')?.focus(); return null; }
  if (ids.length === 0) return null;
  const index = ids.indexOf(cursor());
  const next = index < 0 ? Math.max(0, inSight()) : Math.min(ids.length - 1, Math.max(0, index + step));
  focusRow(ids[next], next);
  return ids[next];
}

function focusRow(id, index = shown.peek().indexOf(id)) {
  stood = id;
  document.dispatchEvent(new CustomEvent('list:focus', { detail: { id, index } }));
}

/** Opens the conversation above or below the open one. */
function step(by) {
  const ids = shown.peek();
  const next = ids[ids.indexOf(open()) + by];
  if (next) go(inboxHash(route.peek().view, next));
}

export function neighbours(id) {
  const index = shown.value.indexOf(id);
  return { above: index > 0, below: index >= 0 && index < shown.value.length - 1, step };
}

function stretch(by) {
  const from = cursor();
  const to = move(by);
  if (to) extend(to, shown.peek(), from);
}

export function snoozeOpen() {
  const id = open();
  const ids = shown.peek();
  snoozing.value = { done: (until) => { acts.snooze(id, until); onward(id, ids); } };
  overlay.value = 'snooze';
}

function leave() {
  const { id } = route.peek();
  if (picked.peek().size > 0 && !document.activeElement?.closest('.thread')) { clearPicked(); return; }
  if (!id) return;
  if (panelOpen.peek()) { panelOpen.value = false; return; }
  closeThread();
  focusRow(id);
}

/** Leaves the conversation, which would be read again at once otherwise. */
export async function markUnread() {
  const id = open();
  closeThread();
  await acts.unread(id);
}

/** Closes the open conversation, and goes on to the next one in the list for those who like it so. */
export function closeOpen() {
  const id = open();
  const ids = shown.peek();
  acts.close(id);
  onward(id, ids);
}

/** The neighbour is taken from the list as it stood, because the row may be gone from it by now. */
function onward(id, ids) {
  const index = ids.indexOf(id);
  const next = ids[index + 1] ?? ids[index - 1];
  if (afterClose.peek() === 'stay') return;
  if (next && index >= 0) go(inboxHash(route.peek().view, next));
  else closeThread();
}

export function openCommands() {
  typedAhead.words = '';
  overlay.value = 'commands';
}

/** To the newest message; from there the arrow keys walk. */
export function toMessages() { [...document.querySelectorAll('.message-list > .message')].at(-1)?.focus(); }

function focusOn(selector) { document.querySelector(selector)?.focus(); }
/** What is pressed may stand in a panel that is not shown. */
function press(selector) {
  const button = document.querySelector(selector);
  if (button?.closest('.panel') && !button.checkVisibility()) panelOpen.value = true;
  requestAnimationFrame(() => button?.click());
}
