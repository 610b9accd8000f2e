// When a message shall leave: suggestions, or a day and a time; also for changing one that waits.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { exactTime, shortDate, soonTime, t, timeZone } from '../../shared/i18n.js';
import { now } from '../core/clock.js';
import { fromField, toField } from '../core/zone.js';
import { Dialog } from '../components/dialog.js';
import { Refusal } from '../components/field.js';
import { drawable } from '../store/composing.js';
import { notify } from '../store/announce.js';
import { reschedule, schedule } from '../store/scheduled.js';
import { laterTimes } from './later.js';

const LONGEST = 365 * 86_400_000;

/** With `item` a waiting message is changed, else what is in the composer is put off. */
export function ScheduleDialog({ id, text, files = [], quote, detail, item, onClose, onDone }) {
  const zone = timeZone.value || undefined;
  const [words, setWords] = useState(item?.text ?? text);
  const [field, setField] = useState(() => toField(item ? Date.parse(item.send_at) : laterTimes(now())[0].at, zone));
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const at = fromField(field, zone);
  const wrong = !(at > now() && at < now() + LONGEST);
  const late = detail?.window?.closes_at && at > Date.parse(detail.window.closes_at);
  const keep = async (sendAt) => {
    setBusy(true);
    setProblem(null);
    try {
      if (item) await reschedule(id, item, { text: words.trim(), send_at: new Date(sendAt).toISOString() });
      else await schedule(id, { text, sendAt, attachments: files.map(drawable), quote });
      notify(t('schedule.done', { time: shortDate(sendAt) }), 'good');
      onDone();
    } catch (refusal) {
      setProblem(refusal);
      setBusy(false);
    }
  };
  const submit = (event) => { event.preventDefault(); if (!wrong && !busy) keep(at); };
  return html`<${Dialog} title=${t(item ? 'schedule.change' : 'schedule.title')} class="schedule" onClose=${onClose}>
    <${Refusal} problem=${problem}/>
    ${!item && html`<div class="schedule-times" role="group" aria-label=${t('schedule.suggestions')}>
      ${laterTimes(now()).map(({ key, at: time }, index) => html`<button key=${key} type="button" class="menu-item"
          disabled=${busy} autofocus=${index === 0} onClick=${() => keep(time)}><span class="menu-text">
        ${t(`schedule.${key}`)}</span><time class="hint" datetime=${new Date(time).toISOString()} title=${exactTime(time)}>
          ${soonTime(time, now())}</time></button>`)}</div>`}
    <form class="form" onSubmit=${submit}>
      ${item && html`<label class="field">${t('schedule.text')}<textarea rows="4" value=${words} maxlength="4096" required
          onInput=${(event) => setWords(event.target.value)}></textarea></label>`}
      <label class="field">${t('schedule.at')}<input type="datetime-local" value=${field} required
          min=${toField(now(), zone)} aria-invalid=${wrong ? 'true' : null}
          onInput=${(event) => setField(event.target.value)}/></label>
      <p class="hint">${zone ? t('schedule.zone', { zone }) : ''}</p>
      ${wrong && html`<p class="field-wrong" role="alert">${t('schedule.ahead')}</p>`}
      ${late && html`<p class="inline-note" role="status">${t('schedule.window')}</p>`}
      <div class="form-foot"><button type="button" class="button" onClick=${onClose}>${t('action.cancel')}</button>
        <button class="button primary" disabled=${wrong || busy}>${t('schedule.keep')}</button></div></form><//>`;
}
