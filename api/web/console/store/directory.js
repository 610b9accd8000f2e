// What the whole inbox refers to by id: colleagues, departments, tags, channels and who is present.
import { computed, signal } from '../../vendor/signals.js';
import { get, post } from '../core/api.js';
import { load, save } from '../core/storage.js';
import { connection, on, send } from '../core/wire.js';
import { me, onEnter, onLeave } from './session.js';

export const users = signal([]);
export const departments = signal([]);
export const tags = signal([]);
export const channels = signal([]);
/** Whether the channels were asked for and told: none is only then really none. */
export const channelsKnown = signal(false);
/** Map of user id to online | away | busy | offline. */
export const presence = signal(new Map());
/** What I chose for myself; the server only hears it while the socket is up. */
export const ownState = signal(load('presence', 'online'));

export const activeUsers = computed(() => users.value.filter((user) => user.is_active));

export function presenceOf(userId) {
  if (userId === me.value?.id) return connection.value.state === 'live' ? ownState.value : 'offline';
  return presence.value.get(userId) ?? 'offline';
}

export function setOwnState(state) {
  ownState.value = state;
  save('presence', state);
  send({ t: 'presence', state });
}

export async function refreshUsers() { users.value = await everyPage('/users'); }
export async function refreshChannels() { channels.value = await everyPage('/channels'); }
export async function refreshDepartments() { departments.value = await everyPage('/departments'); }
export async function refreshTags() { tags.value = await everyPage('/tags'); }

/** Answers the new tag, already in `tags`. */
export async function createTag(name, color) {
  const tag = await post('/tags', { name, color });
  tags.value = [...tags.value, tag];
  return tag;
}

async function everyPage(path) {
  const found = [];
  for (let page = 1; page <= 20; page += 1) {
    const answer = await get(path, { page, page_size: 100 });
    const rows = Array.isArray(answer) ? answer : answer.results;
    found.push(...rows);
    if (!answer.next || rows.length === 0) break;
  }
  return found;
}

/** Each list stands alone: a role that may not read one still gets the others. */
async function fill(target, path) {
  try {
    target.value = await everyPage(path);
    return true;
  } catch {
    target.value = [];
    return false;
  }
}

async function refreshPresence() {
  const { results } = await get('/presence');
  presence.value = new Map(results.map(({ user_id: id, state }) => [id, state]));
}

onEnter(() => {
  fill(users, '/users');
  fill(departments, '/departments');
  fill(tags, '/tags');
  fill(channels, '/channels').then((told) => { channelsKnown.value = told; });
});

onLeave(() => {
  for (const list of [users, departments, tags, channels]) list.value = [];
  channelsKnown.value = false;
  presence.value = new Map();
});

on('live', () => {
  send({ t: 'presence', state: ownState.value });
  refreshPresence().catch(() => {});
});

on('presence', (frame) => {
  const known = new Map(presence.value);
  for (const { id, state } of frame.users) known.set(id, state);
  presence.value = known;
});
