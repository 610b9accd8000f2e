// The order of messages: pure functions on arrays that are sorted by number.
import { dayKey } from '../../shared/i18n.js';

const GROUP_MS = 5 * 60_000;
/** How far a state is along its way; a later answer may not take a message back. */
const RANK = { queued: 0, sending: 1, uncertain: 2, sent: 3, failed: 4, delivered: 5, read: 6, received: 6 };

export function keyOf(message) { return message.client_id || message.id; }

/** The array with the older copy of `message` replaced, or null when there was none. */
export function replace(messages, message) {
  const index = findLast(messages, (one) => one.id === message.id);
  if (index < 0) return null;
  const next = messages.slice();
  next[index] = newer(messages[index], message);
  return next;
}

/** The array with `message` at its number; a copy that is already there is replaced. */
export function insert(messages, message) {
  const replaced = replace(messages, message);
  if (replaced) return replaced;
  const before = findLast(messages, (one) => one.seq < message.seq);
  return [...messages.slice(0, before + 1), message, ...messages.slice(before + 1)];
}

/** Moves one message along: `delivery` is {message_id, state, at, error}. */
export function patchDelivery(messages, { message_id: id, state, at, error }) {
  const index = findLast(messages, (one) => one.id === id);
  if (index < 0 || isBehind(messages[index], state, at)) return messages;
  const next = messages.slice();
  next[index] = { ...messages[index], state, state_at: at, error: error ?? null };
  return next;
}

function newer(known, message) {
  if (!isBehind(known, message.state, message.state_at)) return message;
  return { ...message, state: known.state, state_at: known.state_at, error: known.error };
}

/** Providers round their instants, so what is known only grows by rank; a retry alone goes back, and is later. */
function isBehind(known, state, at) {
  if ((RANK[state] ?? 0) >= (RANK[known.state] ?? 0)) return false;
  const arrived = ['sent', 'delivered', 'read'].includes(known.state);
  return arrived || !at || !known.state_at || at < known.state_at;
}

/** Steps of a delivery as they happened; within one second the way of a message decides, as providers tell no less. */
export function inOrder(steps) {
  const second = (step) => Math.floor(Date.parse(step.at) / 1000);
  return [...steps].sort((one, two) => second(one) - second(two) || (RANK[one.state] ?? 0) - (RANK[two.state] ?? 0));
}

/** What the thread draws: {type: day | unread | message, key, message, first, last}, in order. */
export function layOut(messages, unreadFrom) {
  const drawn = [];
  let lineDrawn = unreadFrom === null;
  let day = null;
  messages.forEach((message, index) => {
    const previous = messages[index - 1];
    const at = message.created_at;
    const before = day;
    day = dayKey(at);
    const newDay = before !== day;
    if (newDay) drawn.push({ type: 'day', key: `day-${keyOf(message)}`, at });
    const unread = !lineDrawn && message.author === 'customer' && message.seq > unreadFrom;
    if (unread) { lineDrawn = true; drawn.push({ type: 'unread', key: 'unread' }); }
    const first = newDay || unread || !sameGroup(previous, message);
    const next = messages[index + 1];
    const last = !next || !sameGroup(message, next);
    drawn.push({ type: 'message', key: keyOf(message), message, first, last });
  });
  return drawn;
}

function sameGroup(one, two) {
  return one.kind !== 'system' && two.kind !== 'system' && one.author === two.author && one.note === two.note
    && one.author_id === two.author_id && Date.parse(two.created_at) - Date.parse(one.created_at) < GROUP_MS;
}

/** Most changes concern the newest messages, so the search starts at the end. */
function findLast(messages, test) {
  for (let index = messages.length - 1; index >= 0; index -= 1) if (test(messages[index])) return index;
  return -1;
}
