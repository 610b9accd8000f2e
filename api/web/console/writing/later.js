// The moments people usually mean by "later", in the reader's own time zone.
import { timeZone } from '../../shared/i18n.js';
import { instantOf, wallTime } from '../core/zone.js';

const MINUTE = 60_000;

/** [{key, at}] that lie ahead of `now`: hour | evening | tomorrow | monday; `at` in milliseconds. */
export function laterTimes(now) {
  const zone = timeZone.peek() || undefined;
  const wall = wallTime(now, zone);
  const on = (days, hour) => instantOf({ ...wall, day: wall.day + days, hour, minute: 0 }, zone);
  const untilMonday = (8 - wall.weekday) % 7 || 7;
  const wished = [
    { key: 'hour', at: Math.ceil((now + 60 * MINUTE) / (5 * MINUTE)) * 5 * MINUTE },
    { key: 'evening', at: on(0, 18) },
    { key: 'tomorrow', at: on(1, 9) },
    { key: 'monday', at: on(untilMonday, 9) },
  ];
  return wished.filter(({ key, at }) => at > now + 15 * MINUTE && (key !== 'monday' || untilMonday > 1));
}
