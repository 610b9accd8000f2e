// Wall-clock times in a person's own time zone, which need not be the browser's.

/** {year, month, day, hour, minute, weekday: 0 Sunday … 6} of an instant (ms) in `zone` (IANA; undefined: the browser's). */
export function wallTime(at, zone) {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric',
    day: 'numeric', hour: 'numeric', minute: 'numeric', weekday: 'short' }).formatToParts(at);
  const of = (type) => parts.find((part) => part.type === type).value;
  const number = (type) => Number(of(type));
  return { year: number('year'), month: number('month'), day: number('day'), hour: number('hour'),
    minute: number('minute'), weekday: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(of('weekday')) };
}

/** The instant (ms) at which clocks in `zone` show this; days past a month's end run on. A skipped hour gives the next. */
export function instantOf({ year, month, day, hour = 0, minute = 0 }, zone) {
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  const shown = (at) => {
    const wall = wallTime(at, zone);
    return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  };
  // The second turn is for instants near a change of the clocks.
  const first = wanted + (wanted - shown(wanted));
  return first + (wanted - shown(first));
}

/** "2026-11-20T09:30", as an input of type datetime-local has it. */
export function toField(at, zone) {
  const wall = wallTime(at, zone);
  const two = (value) => String(value).padStart(2, '0');
  return `${wall.year}-${two(wall.month)}-${two(wall.day)}T${two(wall.hour)}:${two(wall.minute)}`;
}

/** The instant (ms) of a datetime-local value, or NaN. */
export function fromField(text, zone) {
  const [year, month, day, hour, minute] = (text.match(/\d+/g) ?? []).map(Number);
  return [year, month, day, hour, minute].some((part) => part === undefined) ? NaN
    : instantOf({ year, month, day, hour, minute }, zone);
}
