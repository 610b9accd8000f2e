// What can be narrowed by, in words: the choices of each filter and the name of each choice.
import { clockTime, shortDay, t, timeZone } from '../../shared/i18n.js';
import { instantOf, wallTime } from '../core/zone.js';
import { activeUsers, channels, departments, tags } from '../store/directory.js';
import { me } from '../store/session.js';
import { channelName } from './avatar.js';

/** The filters that are chosen from a list, in their order. */
export const FACETS = ['assignee_id', 'tag_id', 'channel_id', 'channel_kind', 'department_id', 'status'];
export const ICONS = { assignee_id: 'user', tag_id: 'tag', channel_id: 'channel', channel_kind: 'webchat',
  department_id: 'users', status: 'archive', unread: 'unread', waiting: 'clock', since: 'clock', until: 'clock' };

/** [{value, label}] */
export function choicesOf(name) {
  const named = (list) => list.map(({ id, name: label }) => ({ value: id, label }));
  if (name === 'assignee_id') {
    return [{ value: 'me', label: t('filter.me') }, { value: 'none', label: t('assign.nobody') },
      ...named(activeUsers.value.filter((user) => user.id !== me.value?.id))];
  }
  if (name === 'tag_id') return named(tags.value);
  if (name === 'channel_id') return named(channels.value);
  if (name === 'channel_kind') {
    return [...new Set(channels.value.map((channel) => channel.kind))]
      .map((value) => ({ value, label: channelName(value) }));
  }
  if (name === 'department_id') return [{ value: 'none', label: t('filter.no_department') }, ...named(departments.value)];
  return ['open', 'closed'].map((value) => ({ value, label: t(`filter.${value}`) }));
}

/** "Tag: urgent", "Unread", "From 3 Nov". */
export function filterLabel(name, value) {
  if (name === 'unread' || name === 'waiting') return t(`filter.${name}`);
  if (name === 'since' || name === 'until') return t(`filter.${name}_day`, { day: dayOf(value) });
  const found = choicesOf(name).find((one) => one.value === value);
  return `${t(`filter.${name}`)}: ${found?.label ?? t('filter.unknown')}`;
}

function dayOf(at) {
  const wall = wallTime(Date.parse(at), timeZone.value);
  const edge = (wall.hour === 0 && wall.minute === 0) || (wall.hour === 23 && wall.minute === 59);
  return edge ? shortDay(at) : `${shortDay(at)}, ${clockTime(at)}`;
}

/** "2026-11-20" of an instant, and the first or last instant of such a day, in the reader's zone. */
export function dateField(at) {
  if (!at) return '';
  const { year, month, day } = wallTime(Date.parse(at), timeZone.value);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

export function edgeOf(text, name) {
  if (!text) return null;
  const [year, month, day] = text.split('-').map(Number);
  const at = name === 'since' ? instantOf({ year, month, day }, timeZone.value)
    : instantOf({ year, month, day: day + 1 }, timeZone.value) - 1000;
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
