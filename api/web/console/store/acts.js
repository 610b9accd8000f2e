// What an agent does to a conversation: shown at once, made true by the answer, put back with the reason when refused.
import { batch } from '../../vendor/signals.js';
import { t } from '../../shared/i18n.js';
import { del, patch, post, Problem, put } from '../core/api.js';
import { notify } from './announce.js';
import { departments, tags, users } from './directory.js';
import { markUnread, openId, refreshDetail, take, thread } from './threads.js';
import { alike, guess, mergeRow, move, rowSignal } from './rows.js';
import { outboxHooks } from './outbox.js';
import { me } from './session.js';

export function accept(id) {
  const mine = { id: me.peek().id, name: me.peek().name };
  return change(id, { assignee: mine, status: 'open' }, () => post(`/conversations/${id}/accept`));
}

/** `to` is {user_id: id | null, department_id?: id | null}; a department gets it without a person. */
export function assign(id, to) {
  const wanted = { assignee: named(users.peek(), to.user_id) };
  if ('department_id' in to) wanted.department = named(departments.peek(), to.department_id);
  return change(id, wanted, () => post(`/conversations/${id}/assign`, to));
}

export function close(id) { return change(id, { status: 'closed' }, () => post(`/conversations/${id}/close`)); }
export function reopen(id) { return change(id, { status: 'open' }, () => post(`/conversations/${id}/reopen`)); }

/** `until` is RFC 3339. */
export function snooze(id, until) {
  return change(id, { snoozed_until: until }, () => post(`/conversations/${id}/snooze`, { until }));
}

export function resume(id) {
  return change(id, { snoozed_until: null }, () => post(`/conversations/${id}/resume`));
}

export function setTags(id, tagIds) {
  const chosen = tags.peek().filter((tag) => tagIds.includes(tag.id));
  return change(id, { tags: chosen }, () => put(`/conversations/${id}/tags`, { tag_ids: tagIds }));
}

export function unread(id) { return guarded(id, () => markUnread(id)); }

export async function renameContact(id, contactId, name) {
  const row = rowSignal(id).peek();
  const before = row.contact;
  rowSignal(id).value = { ...row, contact: { ...before, name } };
  const done = await guarded(id, () => patch(`/contacts/${contactId}`, { name }));
  if (done) await refreshDetail(thread(id));
  else rowSignal(id).value = { ...rowSignal(id).peek(), contact: before };
  return Boolean(done);
}

export function react(message, emoji) {
  return onMessage(message, () => put(`${path(message)}/reaction`, { emoji }));
}

export function edit(message, text) { return onMessage(message, () => patch(path(message), { text })); }
export function remove(message) { return onMessage(message, () => del(path(message))); }
export function resend(message) { return onMessage(message, () => post(`${path(message)}/resend`)); }

function path(message) { return `/conversations/${message.conversation_id}/messages/${message.id}`; }

async function onMessage(message, request) {
  const answer = await guarded(message.conversation_id, request);
  if (answer?.id) take(thread(message.conversation_id), answer);
  return answer;
}

async function change(id, wanted, request) {
  const before = rowSignal(id).peek();
  thread(id).refusal.value = null;
  const known = guess(id, wanted);
  if (before) shift(id, { ...before, ...wanted });
  const answer = await guarded(id, request, (problem) => {
    if (!before || !rowSignal(id).peek()) return;
    const now = { ...rowSignal(id).peek() };
    // What else a live row told meanwhile is truer than what stood here before the act.
    for (const name of Object.keys(wanted)) if (alike(now[name], wanted[name])) now[name] = before[name];
    if (problem.code === 'already_taken') now.assignee = problem.extra.assignee;
    shift(id, now);
  }).finally(known);
  if (answer) mergeRow(answer);
  return answer;
}

function shift(id, row) {
  batch(() => {
    rowSignal(id).value = row;
    move(id);
  });
}

/** The answer, or null when refused; the reason then stands in the thread, or at the foot when it is not open. */
async function guarded(id, request, undo = () => {}) {
  try {
    return (await request()) ?? true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    undo(problem);
    const taken = problem.code === 'already_taken' && problem.extra.assignee;
    const text = taken ? t('refused.taken', { name: taken.name }) : problem.message;
    if (openId.peek() === id) thread(id).refusal.value = text;
    else notify(text);
    return null;
  }
}

function named(list, id) {
  const found = list.find((one) => one.id === id);
  return found ? { id, name: found.name } : null;
}

outboxHooks.accepted = (message) => {
  const opened = thread(message.conversation_id);
  if (opened.state.peek().phase === 'ready') take(opened, message);
};
