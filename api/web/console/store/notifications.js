// What I should know of: the list behind the bell, what is unread of it, and how it makes itself heard.
import { signal } from '../../vendor/signals.js';
import { t } from '../../shared/i18n.js';
import { get, post, Problem } from '../core/api.js';
import { now } from '../core/clock.js';
import { go, inboxHash } from '../core/router.js';
import { on } from '../core/wire.js';
import { notify, say } from './announce.js';
import { inFront, ringOnce } from './ringing.js';
import { me, onEnter, onLeave } from './session.js';

const PAGE = 30;
const NOTHING = { state: 'idle', items: [], cursor: null, problem: null };
/** Until the server has told what this person wants: nothing interrupts. */
const SILENT = { quiet: true };
/** What has no wish of its own rings as this does. */
const RINGS_AS = { reopened: 'assigned', unsent: 'assigned' };

/** {state: idle|loading|more|ready|failed, items: newest first, cursor, problem}. */
export const notifications = signal(NOTHING);
export const unreadNotices = signal(0);
/** {mention, assigned, message, unassigned: {app, browser, sound}, quiet}. */
export const preferences = signal(SILENT);
/** How often the line told the number: an answer that was asked for before that is older. */
let told = 0;

/** The first page, as when the bell is opened; what is known stays on screen meanwhile. */
export async function refreshNotifications() {
  const known = notifications.peek().items.length > 0;
  notifications.value = { ...notifications.peek(), state: known ? 'ready' : 'loading', problem: null };
  await fetchPage(null);
}

export async function moreNotifications() {
  const { cursor, state } = notifications.peek();
  if (!cursor || state !== 'ready') return;
  notifications.value = { ...notifications.peek(), state: 'more' };
  await fetchPage(cursor);
}

async function fetchPage(cursor) {
  const since = told;
  const known = cursor ? [] : notifications.peek().items;
  try {
    const answer = await get('/notifications', { cursor, limit: PAGE });
    const before = notifications.peek().items.filter((one) => !known.includes(one));
    const items = [...before, ...answer.results.filter((one) => !before.some((other) => other.id === one.id))];
    notifications.value = { state: 'ready', items, cursor: answer.next_cursor, problem: null };
    count(answer.unread, since);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    notifications.value = { ...notifications.peek(), state: 'failed', problem };
  }
}

function count(unread, since) { if (since === told) unreadNotices.value = unread; }

/** `which`: {ids} or {all: true} or {conversation_id}; shown at once, put back when refused. */
export async function readNotifications(which) {
  const before = { list: notifications.peek(), unread: unreadNotices.peek() };
  const since = told;
  const fits = (one) => which.all || which.ids?.includes(one.id) || one.conversation_id === which.conversation_id;
  const gone = before.list.items.filter((one) => !one.read_at && fits(one)).length;
  const at = new Date(now()).toISOString();
  const items = before.list.items.map((one) => (fits(one) && !one.read_at ? { ...one, read_at: at } : one));
  notifications.value = { ...before.list, items };
  unreadNotices.value = which.all ? 0 : Math.max(0, before.unread - gone);
  try {
    count((await post('/notifications/read', which)).unread, since);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    notifications.value = before.list;
    count(before.unread, since);
    notify(problem.message);
  }
}

/** One sentence for a notice: "Ana mentioned you". */
export function headline({ kind, actor, contact }) {
  const who = contact?.name || t('contact.unnamed');
  return t(`notice.${kind}${(kind === 'mention' || kind === 'assigned') && !actor ? '_alone' : ''}`,
    { actor: actor?.name ?? '', contact: who });
}

/** The short words of a notice; a message without any says what it is. */
export function wordsOf({ text, message_kind: kind }) { return text || (kind ? t(`kind.${kind}`) : ''); }

on('notification', ({ notification, unread }) => {
  count(unread, ++told);
  const { items, state } = notifications.peek();
  if (state !== 'idle') {
    notifications.value = { ...notifications.peek(),
      items: [notification, ...items.filter((one) => one.id !== notification.id)] };
  }
  const { id, kind, conversation_id: conversation, message_id: message, created_at: at } = notification;
  // It is being read, so it need not wait to be; the other tabs learn of that by the bid for the bell.
  if (inFront(conversation)) readNotifications({ ids: [id] });
  alertOf(RINGS_AS[kind] ?? kind, `${id}:${message ?? at}`, conversation, headline(notification),
    wordsOf(notification));
});

on('notifications', ({ unread }) => {
  count(unread, ++told);
  const { items, state } = notifications.peek();
  if (state === 'idle') return;
  if (unread > 0) { refreshNotifications(); return; }
  const at = new Date(now()).toISOString();
  notifications.value = { ...notifications.peek(), items: items.map((one) => ({ ...one, read_at: one.read_at ?? at })) };
});

/** Nobody has it and a customer just began to wait: once for each wait. */
on('row', ({ row }) => {
  if (row.status !== 'open' || row.assignee || row.snoozed_until || !row.waiting_since) return;
  if (row.last_message?.author !== 'customer' || now() - Date.parse(row.waiting_since) > 30_000) return;
  const name = row.contact.name || row.contact.handle;
  alertOf('unassigned', `new:${row.id}:${row.waiting_since}`, row.id, t('notice.unassigned', { contact: name }),
    row.last_message.text || t(`kind.${row.last_message.kind}`));
});

function alertOf(kind, key, conversation, title, words) {
  const { quiet, [kind]: wish } = preferences.peek();
  if (quiet || !wish) return;
  if (wish.app && kind !== 'unassigned' && !inFront(conversation)) say(title);
  if (!wish.browser && !wish.sound) return;
  ringOnce(key, conversation, () => {
    if (wish.sound) import('../settings/chime.js').then(({ chime }) => chime()).catch(() => {});
    if (wish.browser) show(title, words, conversation);
  });
}

function show(title, body, conversation) {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  try {
    const shown = new Notification(title, { body, tag: conversation, renotify: true, silent: true,
      icon: '/web/console/icon.svg' });
    shown.onclick = () => {
      window.focus();
      go(inboxHash('all', conversation));
      shown.close();
    };
  } catch {
    // Some phones only show them from a worker.
  }
}

async function refreshPreferences() {
  try {
    preferences.value = await get('/me/notifications');
  } catch {
    preferences.value = SILENT;
  }
}

async function refreshUnread() {
  const since = told;
  try {
    count((await get('/notifications', { limit: 1 })).unread, since);
  } catch {
    // The next frame tells.
  }
}

document.addEventListener('notifications:preferences', ({ detail }) => { preferences.value = detail; });
on('live', () => {
  if (!me.peek()) return;
  told += 1;
  if (notifications.peek().state === 'idle') refreshUnread(); else refreshNotifications();
});
onEnter(refreshPreferences);
onLeave(() => {
  notifications.value = NOTHING;
  unreadNotices.value = 0;
  preferences.value = SILENT;
});
