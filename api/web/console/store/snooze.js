// Putting conversations aside until a time, in the time zone of the person who does it.
import { timeZone } from '../../shared/i18n.js';
import { now } from '../core/clock.js';
import { instantOf, wallTime } from '../core/zone.js';

const MORNING = 9;
const EVENING = 18;
const MINUTE = 60_000;
const LONGEST = 365 * 86_400_000;

/** [{id, at}]: later today, tomorrow morning, the morning of the next Monday; what is past by now is left out. */
export function choices(at = now(), zone = timeZone.peek()) {
  const wall = wallTime(at, zone);
  const days = (count, hour) => instantOf({ ...wall, day: wall.day + count, hour, minute: 0 }, zone);
  const inThree = Math.ceil((at + 3 * 60 * MINUTE) / (30 * MINUTE)) * 30 * MINUTE;
  const evening = days(0, EVENING);
  const later = wallTime(inThree, zone).day === wall.day ? inThree : evening;
  const nextMonday = ((8 - wall.weekday) % 7) || 7;
  return [
    ...(later > at + 10 * MINUTE ? [{ id: 'later', at: later }] : []),
    { id: 'tomorrow', at: days(1, MORNING) },
    ...(nextMonday > 1 ? [{ id: 'week', at: days(nextMonday, MORNING) }] : []),
  ];
}

/** Why an own time cannot be taken, as the end of a catalogue key, or null. */
export function wrong(at) {
  if (Number.isNaN(at)) return 'no_time';
  if (at < now() + MINUTE) return 'past';
  return at > now() + LONGEST ? 'far' : null;
}
