// Text and dates in the reader's language: catalogues of plain JSON, plurals and dates through Intl.
import { signal } from '../vendor/signals.js';

export const LOCALES = ['en', 'pt-BR', 'es'];
export const locale = signal('en');
/** IANA zone of the signed-in person; undefined means the browser's. */
export const timeZone = signal(undefined);

const texts = signal({});
const loaded = new Map();
/** What the page has asked for so far; '' is what every page needs. */
const parts = [''];
let asked = 0;

/** The best of LOCALES for a list of wished tags ("pt" gives "pt-BR"), English when none fits. */
export function bestLocale(wished) {
  for (const tag of wished) {
    const exact = LOCALES.find((known) => known.toLowerCase() === String(tag).toLowerCase());
    const close = LOCALES.find((known) => known.slice(0, 2) === String(tag).slice(0, 2).toLowerCase());
    if (exact ?? close) return exact ?? close;
  }
  return 'en';
}

/** Loads a catalogue once and switches every text on screen to it. */
export async function useCatalogue(tag) {
  const wanted = bestLocale([tag]);
  const turn = asked += 1;
  const found = await Promise.all(parts.map((part) => catalogue(part, wanted)));
  if (turn !== asked) return;
  texts.value = Object.assign({}, ...found);
  locale.value = wanted;
  document.documentElement.lang = wanted;
}

/** Adds a part of the catalogue that only some pages need, in this language and in those chosen later. */
export async function addTexts(part) {
  if (!parts.includes(part)) parts.push(part);
  const found = await catalogue(part, locale.value);
  texts.value = { ...texts.value, ...found };
}

function catalogue(part, tag) {
  const place = `./i18n/${part ? `${part}/` : ''}${tag}.json`;
  if (!loaded.has(place)) {
    const coming = fetch(new URL(place, import.meta.url)).then((answer) => answer.json());
    coming.catch(() => loaded.delete(place));
    loaded.set(place, coming);
  }
  return loaded.get(place);
}

/** The text under `key` with {name} filled from `vars`; a plural entry is chosen by `vars.count`. */
export function t(key, vars = {}) {
  let text = texts.value[key];
  if (text && typeof text === 'object') {
    const form = plurals(locale.value).select(vars.count ?? 0);
    text = text[form] ?? text.other;
  }
  if (text === undefined) return key;
  if (!text.includes('{')) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = vars[name];
    return typeof value === 'number' ? number(value) : value ?? '';
  });
}

export function has(key) { return key in texts.value; }

const makers = new Map();

function made(kind, options, make) {
  const key = `${kind}|${locale.value}|${timeZone.value ?? ''}|${JSON.stringify(options)}`;
  if (!makers.has(key)) makers.set(key, make());
  return makers.get(key);
}

function plurals(tag) { return made('plural', {}, () => new Intl.PluralRules(tag)); }

export function number(value, options = {}) {
  return made('number', options, () => new Intl.NumberFormat(locale.value, options)).format(value);
}

function date(at, options) {
  const build = () => new Intl.DateTimeFormat(locale.value, { ...options, timeZone: timeZone.value || undefined });
  return made('date', options, build).format(new Date(at));
}

export function clockTime(at) { return date(at, { hour: 'numeric', minute: '2-digit' }); }

export function exactTime(at) {
  return date(at, { dateStyle: 'full', timeStyle: 'long' });
}

export function shortDate(at) { return date(at, { dateStyle: 'medium', timeStyle: 'short' }); }

export function shortDay(at) { return date(at, { dateStyle: 'medium' }); }

export function stepTime(at) { return date(at,
  { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit', second: '2-digit' }); }

/** The calendar day in the reader's zone, for telling whether two instants share it. */
export function dayKey(at) { return date(at, { year: 'numeric', month: '2-digit', day: '2-digit' }); }

/** "Today", "Yesterday" or the date; `now` is milliseconds on the server's clock. */
export function dayName(at, now) {
  const key = dayKey(at);
  const relative = made('relative', {}, () => new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }));
  if (key === dayKey(now)) return capital(relative.format(0, 'day'));
  if (key === dayKey(now - 86_400_000)) return capital(relative.format(-1, 'day'));
  const sameYear = date(at, { year: 'numeric' }) === date(now, { year: 'numeric' });
  return capital(date(at, { weekday: 'long', day: 'numeric', month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }) }));
}

/** The shortest honest form for a list: a time today, a weekday this week, a date before. */
export function listTime(at, now) {
  if (dayKey(at) === dayKey(now)) return clockTime(at);
  const age = now - new Date(at).getTime();
  if (age < 6 * 86_400_000) return date(at, { weekday: 'short' });
  return date(at, age < 300 * 86_400_000 ? { day: 'numeric', month: 'short' } : { dateStyle: 'short' });
}

/** The shortest honest form for what lies ahead: a time today, with the weekday this week, a date after. */
export function soonTime(at, now) {
  if (dayKey(at) === dayKey(now)) return clockTime(at);
  const near = new Date(at).getTime() - now < 6 * 86_400_000;
  return date(at, near ? { weekday: 'short', hour: 'numeric', minute: '2-digit' } : { day: 'numeric', month: 'short' });
}

/** A span of `seconds` in its largest fitting unit: 42 s, 7 min, 3 h, 2 days. */
export function span(seconds) {
  const steps = [[60, 1, 'second'], [3600, 60, 'minute'], [86_400, 3600, 'hour'], [Infinity, 86_400, 'day']];
  const whole = Math.max(0, seconds);
  const [, size, unit] = steps.find(([below]) => whole < below);
  return number(Math.floor(whole / size), { style: 'unit', unit, unitDisplay: unit === 'day' ? 'long' : 'short' });
}

/** Hours and minutes for something that runs out: "3 h 12 min". */
export function remaining(seconds) {
  const whole = Math.max(0, Math.floor(seconds / 60));
  const minutes = number(whole % 60, { style: 'unit', unit: 'minute', unitDisplay: 'short' });
  if (whole < 60) return minutes;
  return `${number(Math.floor(whole / 60), { style: 'unit', unit: 'hour', unitDisplay: 'short' })} ${minutes}`;
}

export function fileSize(bytes) {
  const units = ['kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(2, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1));
  const size = bytes / 1000 ** (step + 1);
  return number(size, { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: size < 10
    ? 1 : 0 });
}

function capital(text) { return text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1); }
