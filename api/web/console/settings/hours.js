// When somebody is there: for each day of the week from when until when, in one time zone.
import { html } from '../../shared/html.js';
import { locale, t } from '../../shared/i18n.js';
import { me } from '../store/session.js';
import { Switch } from './fields.js';
import { wrongAt } from './form.js';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const WORKING = [['09:00', '18:00']];

/** The form holds null (always open) or {time_zone, days: {monday: [["09:00", "18:00"]], …}}; a day without spans is closed. */
export function Hours({ form, name, locked }) {
  const now = form.values[name];
  const flip = (on) => form.set(name, on ? usual() : null);
  const set = (day, spans) => form.set(name, { ...now, days: { ...now.days, [day]: spans } });
  const wrong = wrongAt(form.problem, name);
  return html`<${Switch} name=${name} locked=${locked} label=${t('hours.use')} hint=${t('hours.use_hint')} on=${now !== null}
      onFlip=${flip}/>
    ${now && html`<div class="hours">${DAYS.map((day, index) => html`<${Day} key=${day} name=${dayName(index)} locked=${locked}
        spans=${now.days?.[day] ?? []} onChange=${(spans) => set(day, spans)}/>`)}
      <p class="hint">${t('hours.zone', { zone: (now.time_zone ?? me.value.organization.time_zone).replaceAll('_', ' ') })}</p>
      ${wrong && html`<p class="field-wrong">${wrong}</p>`}</div>`}`;
}

function usual() {
  const days = Object.fromEntries(DAYS.map((day, index) => [day, index < 5 ? WORKING : []]));
  return { time_zone: me.value.organization.time_zone, days };
}

function Day({ name, spans, onChange, locked }) {
  const [from, until] = spans[0] ?? ['', ''];
  const open = spans.length > 0;
  return html`<div class="hours-day"><label class="radio"><input type="checkbox" checked=${open} disabled=${locked}
        onChange=${() => onChange(open ? [] : WORKING)}/><span>${name}</span></label>
    ${open ? html`<input type="time" aria-label=${t('hours.from', { day: name })} value=${from} disabled=${locked}
          onInput=${(event) => onChange([[event.target.value, until], ...spans.slice(1)])}/><span aria-hidden="true">–</span>
        <input type="time" aria-label=${t('hours.until', { day: name })} value=${until} disabled=${locked}
          onInput=${(event) => onChange([[from, event.target.value], ...spans.slice(1)])}/>`
      : html`<span class="hint">${t('hours.closed')}</span>`}</div>`;
}

/** 5 January 2026 was a Monday. */
function dayName(index) {
  const format = new Intl.DateTimeFormat(locale.value, { weekday: 'long', timeZone: 'UTC' });
  const text = format.format(new Date(Date.UTC(2026, 0, 5 + index)));
  return text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);
}
