// One act on many conversations: in portions with progress, each refusal kept with its row, taken back where that can be.
import { batch, effect } from '../../vendor/signals.js';
import { t } from '../../shared/i18n.js';
import { post, Problem } from '../core/api.js';
import { now } from '../core/clock.js';
import { mergeMarker, markerSignal, move, recount, rowSignal } from './rows.js';
import { bulk, clearPicked, picked, refusals } from './selection.js';
import { departments, tags, users } from './directory.js';
import { reloadSoon } from './inbox.js';

const PORTION = 25;
/** How long a way back is offered after all went well. */
const OFFERED = 20_000;

/** Sends `action` for these ids; `body` has what it needs: user_id, department_id, tag_ids, until, disposition. */
export async function runBulk(action, body = {}, ids = [...picked.peek()]) {
  if (ids.length === 0 || bulk.peek()?.running) return;
  const before = new Map(ids.map((id) => [id, { row: rowSignal(id).peek(), marker: markerSignal(id).peek() }]));
  const done = [];
  const wrong = new Map();
  refusals.value = new Map();
  bulk.value = { action, body, total: ids.length, done: 0, failed: 0, running: true, undo: null };
  for (let from = 0; from < ids.length; from += PORTION) {
    const part = ids.slice(from, from + PORTION);
    try {
      const { results } = await post('/conversations/bulk', { ids: part, action, ...body });
      batch(() => {
        for (const one of results) {
          if (one.ok) { done.push(one.id); guess(one.id, action, body); } else wrong.set(one.id, one.detail ?? one.code);
        }
      });
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      for (const id of part) wrong.set(id, problem.message);
    }
    bulk.value = { ...bulk.peek(), done: done.length, failed: wrong.size };
  }
  settle(action, body, done, wrong, before);
}

function settle(action, body, done, wrong, before) {
  batch(() => {
    // What failed stays picked, so that it can be tried again or left.
    if (wrong.size) picked.value = new Set(wrong.keys());
    else clearPicked();
    refusals.value = wrong;
    bulk.value = { ...bulk.peek(), running: false, undo: done.length ? reversed(action, body, done, before) : null };
  });
  const ended = bulk.peek();
  if (!wrong.size) setTimeout(() => { if (bulk.peek() === ended) bulk.value = null; }, OFFERED);
  recount();
  reloadSoon();
}

export function summary({ action, done, failed, total }) {
  return failed ? t('bulk.partly', { done, total }) : t(`bulk.did_${action}`, { count: done });
}

export function tryAgain() {
  const { action, body } = bulk.peek();
  return runBulk(action, body, [...refusals.peek().keys()]);
}

/** Takes back what was done; what had failed needs no taking back and is no longer picked. */
export async function undoBulk() {
  const steps = bulk.peek()?.undo ?? [];
  bulk.value = { ...bulk.peek(), undo: null };
  let failed = false;
  for (const { ids, action, ...body } of steps) {
    await runBulk(action, body, ids);
    failed ||= bulk.peek()?.failed > 0;
  }
  if (!failed) { clearPicked(); dismissBulk(); }
}

export function dismissBulk() { bulk.value = null; refusals.value = new Map(); }

/** The acts that bring back what was, grouped so that each is one request; null where the interface has none. */
function reversed(action, body, ids, before) {
  const row = (id) => before.get(id).row;
  const simple = { close: 'reopen', reopen: 'close', read: 'unread', unread: 'read' }[action];
  if (action === 'read') ids = ids.filter((id) => row(id)?.inbound_count > (before.get(id).marker?.inbound_seen ?? 0));
  if (action === 'close') ids = ids.filter((id) => row(id)?.status !== 'closed');
  if (action === 'reopen') ids = ids.filter((id) => row(id)?.status !== 'open');
  if (simple) return ids.length ? [{ ids, action: simple }] : null;
  if (action === 'resume') return null;
  if (action === 'snooze') {
    const until = (id) => (Date.parse(row(id)?.snoozed_until) > now() ? row(id).snoozed_until : '');
    return grouped(ids, until).map((group) => (until(group[0]) ? { ids: group, action, until: until(group[0]) }
      : { ids: group, action: 'resume' }));
  }
  if (action === 'assign') {
    return grouped(ids, (id) => `${row(id)?.assignee?.id ?? ''}|${row(id)?.department?.id ?? ''}`).map((group) => ({
      ids: group, action: 'assign', user_id: row(group[0])?.assignee?.id ?? null,
      ...('department_id' in body ? { department_id: row(group[0])?.department?.id ?? null } : {}) }));
  }
  const has = (id) => new Set(row(id)?.tags.map((tag) => tag.id));
  const changed = (id) => body.tag_ids.filter((tag) => has(id).has(tag) === (action === 'untag'));
  const steps = grouped(ids, (id) => changed(id).join()).filter((group) => changed(group[0]).length)
    .map((group) => ({ ids: group, action: action === 'tag' ? 'untag' : 'tag', tag_ids: changed(group[0]) }));
  return steps.length ? steps : null;
}

function grouped(ids, keyOf) {
  const groups = new Map();
  for (const id of ids) groups.set(keyOf(id), [...groups.get(keyOf(id)) ?? [], id]);
  return [...groups.values()];
}

/** What the act made of a row, until its live row says so itself. */
function guess(id, action, body) {
  const held = rowSignal(id);
  const row = held.peek();
  if (!row) return;
  if (action === 'read') { mergeMarker(id, { seq: row.head_seq, inbound_seen: row.inbound_count }); return; }
  const named = (list, one) => list.peek().find((other) => other.id === one) ?? null;
  const chosen = tags.peek().filter((tag) => body.tag_ids?.includes(tag.id));
  const change = {
    close: () => ({ status: 'closed' }), reopen: () => ({ status: 'open' }), snooze: () => ({ snoozed_until: body.until }),
    resume: () => ({ snoozed_until: null }),
    assign: () => ({ assignee: named(users, body.user_id),
      ...('department_id' in body ? { department: named(departments, body.department_id) } : {}) }),
    tag: () => ({ tags: [...row.tags, ...chosen.filter((tag) => !row.tags.some((one) => one.id === tag.id))] }),
    untag: () => ({ tags: row.tags.filter((tag) => !body.tag_ids.includes(tag.id)) }),
  }[action]?.();
  if (!change) return;
  held.value = { ...row, ...change };
  move(id);
}

/** What failed is said as long as it is picked. */
effect(() => {
  const { running, failed } = bulk.value ?? {};
  if (failed && !running && picked.value.size === 0) dismissBulk();
});
