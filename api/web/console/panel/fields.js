// The organization's own facts about a contact or a conversation, each edited by its type.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { locale, number, t } from '../../shared/i18n.js';
import { patch, put } from '../core/api.js';
import { customFields, loadCustomFields } from '../store/custom_fields.js';
import { mergeRow } from '../store/rows.js';
import { refreshDetail, thread } from '../store/threads.js';
import { Fact } from './fact.js';
import { InPlace, words } from './in_place.js';

export function Fields({ entity, id, owner, allowed }) {
  useEffect(() => { loadCustomFields(); }, []);
  const fields = customFields.value.filter((field) => field.entity === entity);
  if (fields.length === 0) return null;
  const save = async (key, value) => {
    if (entity === 'contact') {
      await patch(`/contacts/${owner.id}`, { fields: { [key]: value } });
      await refreshDetail(thread(id));
    } else {
      mergeRow(await put(`/conversations/${id}/fields`, { fields: { [key]: value } }));
    }
  };
  return html`<section class="panel-part"><h3>${t(`panel.fields_${entity}`)}</h3><dl class="facts">
    ${fields.map((field) => html`<${Fact} key=${field.id} name=${field.label}><${Value} field=${field}
        value=${owner.fields?.[field.key] ?? null} allowed=${allowed} onSave=${(value) => save(field.key, value)}/><//>`)}
    </dl></section>`;
}

function Value({ field, value, allowed, onSave }) {
  const { type, label } = field;
  if (type === 'boolean' || type === 'choice') return html`<${Choice} field=${field} value=${value} allowed=${allowed}
      onSave=${onSave}/>`;
  const made = (text) => onSave(text === '' ? null : type === 'number' ? Number(text) : text);
  const input = { text: { maxlength: 1000 }, number: { type: 'number', step: 'any' }, date: { type: 'date' },
    url: { type: 'url', maxlength: 2000, placeholder: 'https://' } }[type];
  return html`<${InPlace} label=${label} value=${value} shown=${shownAs(type, value)} allowed=${allowed} onSave=${made}
      input=${input}/>${type === 'url' && /^https?:\/\//i.test(value ?? '') && html`<a class="hint" href=${value}
      target="_blank" rel="noopener noreferrer">${t('panel.open_link')}</a>`}`;
}

function shownAs(type, value) {
  if (value === null || value === '') return '';
  if (type === 'number') return number(value, { maximumFractionDigits: 10 });
  return type === 'date' ? calendarDay(value) : value;
}

/** A day has no time zone: it is the same wherever it is read. */
function calendarDay(value) {
  const day = new Date(`${value}T00:00Z`);
  if (Number.isNaN(day.getTime())) return value;
  return new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeZone: 'UTC' }).format(day);
}

function Choice({ field, value, allowed, onSave }) {
  const [problem, setProblem] = useState(null);
  const options = field.type === 'boolean' ? [['true', t('panel.yes')], ['false', t('panel.no')]]
    : field.choices.map((choice) => [choice, choice]);
  const pick = async (event) => {
    const text = event.target.value;
    setProblem(null);
    try {
      await onSave(text === '' ? null : field.type === 'boolean' ? text === 'true' : text);
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  return html`<select aria-label=${field.label} disabled=${!allowed} value=${value === null ? '' : String(value)}
      onChange=${pick}><option value="">—</option>${options.map(([key, name]) => html`<option key=${key} value=${key}
      selected=${String(value) === key}>${name}</option>`)}</select>
    ${problem && html`<p class="field-wrong" role="alert">${words(problem)}</p>`}`;
}
