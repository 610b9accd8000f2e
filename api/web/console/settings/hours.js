// When somebody is there: for each day of the week from when until when, and the dates on which nobody is.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { locale, t } from '../../shared/i18n.js';
import { me } from '../store/session.js';
import { Switch } from './fields.js';
import { wrongAt } from './form.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WORKING = ['09:00', '18:00'];
const AFTERNOON = ['14:00', '18:00'];
const MOST_SPANS = 6;
/** The day's end, which a field for times of day cannot hold. */
const MIDNIGHT = '24:00';

/** The form holds null (always open) or {time_zone, days: {mon: [["09:00", "18:00"]], …}, closed_on: [dates]}. */
export function Hours({ form, name, locked }) {
  const now = form.values[name];
  const flip = (on) => form.set(name, on ? usual() : null);
  const set = (day, spans) => form.set(name, { ...now, days: { ...now.days, [day]: spans } });
  const wrong = wrongAt(form.problem, name);
  const zone = now?.time_zone ?? me.value.organization.time_zone;
  return html`<${Switch} name=${name} locked=${locked} label=${t('hours.use')} hint=${t('hours.use_hint')} on=${now !== null}
      onFlip=${flip}/>
    ${now && html`<div class="hours">${DAYS.map((day, index) => html`<${Day} key=${day} name=${dayName(index)} locked=${locked}
        spans=${now.days?.[day] ?? []} onChange=${(spans) => set(day, spans)}/>`)}
      ${wrong && html`<p class="field-wrong" role="alert">${wrong}</p>`}
      <p class="hint">${t('hours.zone', { zone: zone.replaceAll('_', ' ') })}</p>
      <${ClosedOn} dates=${now.closed_on ?? []} locked=${locked}
          onChange=${(dates) => form.set(name, { ...now, closed_on: dates })}/></div>`}`;
}

function usual() {
  return { time_zone: null, days: Object.fromEntries(DAYS.slice(0, 5).map((day) => [day, [WORKING]])), closed_on: [] };
}

function Day({ name, spans, onChange, locked }) {
  const open = spans.length > 0;
  const change = (at, span) => onChange(spans.map((one, index) => (index === at ? span : one)));
  return html`<div class="hours-day"><label class="radio"><input type="checkbox" checked=${open} disabled=${locked}
        onChange=${() => onChange(open ? [] : [WORKING])}/><span>${name}</span></label>
    <div class="hours-spans">${spans.map(([from, until], at) => html`<div key=${at} class="hours-span">
        <input type="time" required aria-label=${t('hours.from', { day: name })} value=${from} disabled=${locked}
          onInput=${(event) => change(at, [event.target.value, until])}/><span aria-hidden="true">–</span>
        <input type="time" required aria-label=${t('hours.until', { day: name })} value=${until === MIDNIGHT ? '00:00' : until}
          disabled=${locked} onInput=${(event) => change(at, [from, event.target.value === '00:00' ? MIDNIGHT : event.target.value])}/>
        ${!locked && (at === spans.length - 1 && spans.length < MOST_SPANS
          ? html`<button type="button" class="icon-button" aria-label=${t('hours.add', { day: name })} title=${t('hours.add', { day: name })}
              onClick=${() => onChange([...spans, AFTERNOON])}><${Icon} name="plus" size=${16}/></button>` : '')}
        ${!locked && spans.length > 1 && html`<button type="button" class="icon-button"
            aria-label=${t('hours.remove', { day: name })} title=${t('hours.remove', { day: name })}
            onClick=${() => onChange(spans.filter((_, index) => index !== at))}><${Icon} name="close" size=${16}/></button>`}
      </div>`)}${!open && html`<span class="hint">${t('hours.closed')}</span>`}</div></div>`;
}

function ClosedOn({ dates, onChange, locked }) {
  const shown = (date) => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(date));
  const add = (event) => {
    const date = event.target.value;
    if (!date) return;
    event.target.value = '';
    if (!dates.includes(date)) onChange([...dates, date].sort());
  };
  return html`<div class="field closed-on"><label for="closed-on">${t('hours.closed_on')}</label>
    ${dates.length > 0 && html`<ul class="chips" role="list">${dates.map((date) => html`<li key=${date} class="tag large">${shown(date)}
      ${!locked && html`<button type="button" class="icon-button tiny" aria-label=${t('form.delete_named', { name: shown(date) })}
          onClick=${() => onChange(dates.filter((one) => one !== date))}><${Icon} name="close" size=${12}/></button>`}</li>`)}</ul>`}
    ${!locked && html`<input id="closed-on" type="date" onChange=${add} aria-describedby="closed-on-notes"/>
      <span id="closed-on-notes" class="hint">${t('hours.closed_on_hint')}</span>`}</div>`;
}

/** 5 January 2026 was a Monday. */
function dayName(index) {
  const format = new Intl.DateTimeFormat(locale.value, { weekday: 'long', timeZone: 'UTC' });
  const text = format.format(new Date(Date.UTC(2026, 0, 5 + index)));
  return text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);
}
