/* Words, times and sizes in the visitor's language; only the catalogue in use is fetched. */

const CATALOGUES = {
  en: () => import('./text/en.js'),
  'pt-BR': () => import('./text/pt-BR.js'),
  es: () => import('./text/es.js'),
};
let words = {};
let language = 'en';
let plural = new Intl.PluralRules(language);

/** The first wish that is among our languages, or among those that the company speaks. */
export function choose(wishes, spoken) {
  const ours = spoken?.length ? spoken.filter((it) => it in CATALOGUES) : Object.keys(CATALOGUES);
  for (const wish of wishes) {
    const found = ours.find((it) => it.slice(0, 2) === String(wish).slice(0, 2).toLowerCase());
    if (found) return found;
  }
  return ours[0] ?? 'en';
}

export async function speak(wanted) {
  words = (await CATALOGUES[wanted]()).default;
  language = wanted;
  plural = new Intl.PluralRules(language);
}

/** The phrase `key` with {names} filled in; `count` picks among its plural forms. */
export function t(key, values = {}) {
  const entry = words[key];
  const phrase = typeof entry === 'object' ? entry[plural.select(values.count)] ?? entry.other : entry;
  return (phrase ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export function clock(at) {
  return format(at, { hour: 'numeric', minute: '2-digit' });
}

export function instant(at) {
  return format(at, { dateStyle: 'full', timeStyle: 'medium' });
}

/** "Today", "Yesterday", or the date. */
export function day(at, now = new Date()) {
  const ago = daysTo(now, at);
  if (ago > 1 || ago < 0) return format(at, { weekday: 'long', day: 'numeric', month: 'long' });
  const name = nearDay(-ago);
  return name[0].toLocaleUpperCase(language) + name.slice(1);
}

/** An instant to come, in the visitor's own time: "today, 2:00 PM", "Monday, 9:00 AM", or the date. */
export function soon(at, now = new Date()) {
  const days = daysTo(at, now);
  if (days >= 0 && days < 2) return `${nearDay(days)}, ${clock(at)}`;
  return format(at, { weekday: 'long', ...(days > 6 && { day: 'numeric', month: 'long' }), hour: 'numeric', minute: '2-digit' });
}

function daysTo(one, other) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  return Math.round((midnight(one) - midnight(other)) / 86_400_000);
}

function nearDay(days) {
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(days, 'day');
}

/** Bytes as a short size: 12 kB, 3.4 MB. */
export function size(bytes) {
  const [unit, value] = bytes < 1e6 ? ['kilobyte', Math.max(1, bytes / 1e3)] : ['megabyte', bytes / 1e6];
  const digits = { maximumFractionDigits: value < 10 && unit === 'megabyte' ? 1 : 0 };
  return new Intl.NumberFormat(language, { style: 'unit', unit, ...digits }).format(value);
}

export function percent(share) {
  return new Intl.NumberFormat(language, { style: 'percent' }).format(share);
}

function format(at, how) {
  return new Intl.DateTimeFormat(language, how).format(new Date(at));
}
