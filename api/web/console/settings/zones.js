// Time zones by city, country's name or offset, each with what its clocks show now.
import { useMemo } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { locale } from '../../shared/i18n.js';
import { now } from '../core/clock.js';
import { Combobox, folded } from './combobox.js';

export function Zone({ form, name = 'time_zone', label, hint }) {
  const options = useMemo(() => zones(form.values[name], locale.value), [locale.value]);
  return html`<${Combobox} form=${form} name=${name} label=${label} hint=${hint} options=${options}/>`;
}

/** The browser's own zone first, so that the likely one is at hand. */
function zones(present, tag) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = new Set([own, present, 'UTC', ...(Intl.supportedValuesOf?.('timeZone') ?? [])].filter(Boolean));
  return [...all].map((zone) => described(zone, tag));
}

function described(zone, tag) {
  const text = zone.replaceAll('_', ' ').replaceAll('/', ' / ');
  const part = (style, option) => new Intl.DateTimeFormat(tag, { timeZone: zone, timeZoneName: style, ...option })
    .formatToParts(now()).find((one) => one.type === 'timeZoneName')?.value ?? '';
  try {
    const offset = part('shortOffset');
    return { value: zone, text, more: offset, words: folded(`${text} ${zone} ${offset} ${part('long')}`) };
  } catch {
    return { value: zone, text, words: folded(text) };
  }
}
