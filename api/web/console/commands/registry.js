// Everything a person can do, each with a name, a key and the moment it applies; the command bar, the help sheet and the keys read it.
import { signal } from '../../vendor/signals.js';
import { closeThread, go, inboxHash, route, VIEWS } from '../core/router.js';
import * as acts from '../store/acts.js';
import { setOwnState } from '../store/directory.js';
import { composeAs } from '../store/composing.js';
import { afterClose } from '../store/preferences.js';
import { letIn, shown } from '../store/inbox.js';
import { rowSignal, unreadOf } from '../store/rows.js';
import { applyTheme, isAdmin, signOut } from '../store/session.js';
import { thread } from '../store/threads.js';

/** What floats over the page: null | 'commands' | 'help'. */
export const overlay = signal(null);
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
  { id: 'search', keys: ['/'], group: 'list', when: inbox, run: () => focusOn('#search') },
  { id: 'let_in', keys: ['.'], group: 'list', when: inbox, run: letIn },
  { id: 'reply', keys: ['r'], group: 'conversation', when: open, run: () => composeAs('reply') },
  { id: 'note', keys: ['n'], group: 'conversation', when: open, run: () => composeAs('note') },
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
  { id: 'panel', keys: ['i'], group: 'conversation', when: open, run: () => { panelOpen.value = !panelOpen.value; } },
  { id: 'back', keys: ['Escape'], group: 'conversation', when: open, run: leave },
  ...VIEWS.map((view, index) => ({ id: `view_${view}`, keys: [`Alt+${index + 1}`], group: 'go', when: () => true,
    run: () => go(inboxHash(view)) })),
  { id: 'settings', keys: [], group: 'go', when: () => true, run: () => go('#/settings') },
  { id: 'users', keys: [], group: 'go', when: () => isAdmin.value, run: () => go('#/settings/users') },
  { id: 'channels', keys: [], group: 'go', when: () => isAdmin.value, run: () => go('#/settings/channels') },
  ...['online', 'away', 'busy'].map((state) => ({ id: `be_${state}`, keys: [], group: 'me', when: () => true,
    run: () => setOwnState(state) })),
  ...['system', 'light', 'dark'].map((theme) => ({ id: `theme_${theme}`, keys: [], group: 'me', when: () => true,
    run: () => applyTheme(theme) })),
  { id: 'commands', keys: ['Mod+k'], group: 'me', when: () => true, run: () => { overlay.value = 'commands'; } },
  { id: 'help', keys: ['?'], group: 'me', when: () => true, run: () => { overlay.value = 'help'; } },
  { id: 'sign_out', keys: [], group: 'me', when: () => true, run: () => signOut() },
];

/** Moves the focus over the list; the row that has it is the cursor. */
function move(step) {
  const ids = shown.peek();
  if (ids.length === 0) return;
  const here = document.activeElement?.dataset?.row ?? route.peek().id;
  const index = ids.indexOf(here);
  const next = index < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, index + step));
  document.dispatchEvent(new CustomEvent('list:focus', { detail: { id: ids[next], index: next } }));
}

function leave() {
  const { id } = route.peek();
  if (panelOpen.peek()) { panelOpen.value = false; return; }
  closeThread();
  document.dispatchEvent(new CustomEvent('list:focus', { detail: { id, index: shown.peek().indexOf(id) } }));
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
  const place = ids.indexOf(id);
  const next = ids[place + 1] ?? ids[place - 1];
  acts.close(id);
  if (afterClose.peek() === 'stay') return;
  if (next && place >= 0) go(inboxHash(route.peek().view, next));
  else closeThread();
}

function focusOn(selector) { document.querySelector(selector)?.focus(); }
/** What is pressed may stand in a panel that is not shown. */
function press(selector) {
  const button = document.querySelector(selector);
  if (button && !button.checkVisibility()) panelOpen.value = true;
  requestAnimationFrame(() => button?.click());
}
