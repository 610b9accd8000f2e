// Messages that wait for their hour, by conversation; what is refused when due stays here with the reason.
import { signal } from '../../vendor/signals.js';
import { del, get, patch, post } from '../core/api.js';
import { freshId, load, save } from '../core/storage.js';
import { on } from '../core/wire.js';
import { onLeave } from './session.js';

/** conversation id -> signal of [Scheduled] that are waiting or failed, soonest first */
const lists = new Map();

export function scheduledOf(id) {
  if (!lists.has(id)) lists.set(id, signal([]));
  return lists.get(id);
}

export async function loadScheduled(id) {
  try {
    const { results } = await get(`/conversations/${id}/scheduled`);
    scheduledOf(id).value = arranged(results);
  } catch {
    // What was known stays; opening the conversation again asks again.
  }
}

/** Answers the Scheduled; throws Problem. `sendAt` in milliseconds, files already uploaded. */
export async function schedule(id, { text, sendAt, attachments = [], quote = null }) {
  const item = await post(`/conversations/${id}/scheduled`, {
    client_id: freshId(), text, send_at: new Date(sendAt).toISOString(), reply_to_id: quote?.id,
    attachment_ids: attachments.length ? attachments.map((file) => file.id) : undefined,
  });
  take(id, item);
  return item;
}

/** changes: {text?, send_at?}; throws Problem. */
export async function reschedule(id, item, changes) {
  take(id, await patch(`/conversations/${id}/scheduled/${item.id}`, changes));
}

export async function cancelScheduled(id, item) {
  await del(`/conversations/${id}/scheduled/${item.id}`);
  take(id, { ...item, state: 'cancelled' });
}

function take(id, item) {
  const list = scheduledOf(id);
  list.value = arranged([...list.peek().filter((one) => one.id !== item.id), item]);
}

/** Takes a failed one out of sight on this browser. */
export function dismissScheduled(id, item) {
  save('scheduled-seen', [item.id, ...load('scheduled-seen', [])].slice(0, 200));
  scheduledOf(id).value = scheduledOf(id).peek().filter((one) => one.id !== item.id);
}

function arranged(list) {
  const seen = load('scheduled-seen', []);
  return list.filter((one) => one.state === 'waiting' || (one.state === 'failed' && !seen.includes(one.id)))
    .sort((one, two) => (one.send_at < two.send_at ? -1 : 1));
}

on('scheduled', (frame) => { if (lists.has(frame.id)) take(frame.id, frame.scheduled); });

onLeave(() => lists.clear());
