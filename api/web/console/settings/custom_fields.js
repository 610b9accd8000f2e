// Custom fields: what is kept of contacts and of conversations beyond the usual, in the order it is shown.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { del, get, patch, Problem } from '../core/api.js';
import { notify, say } from '../store/announce.js';
import { may } from '../store/session.js';
import { EditField } from './custom_field_edit.js';
import { Confirm, Head, Loaded, Part, useLoad } from './page.js';

const ENTITIES = ['contact', 'conversation'];

export function Page() {
  const load = useLoad(async () => (await get('/custom-fields', { page_size: 100 })).results);
  const [editing, setEditing] = useState(null);
  const [deleting, setDeleting] = useState(null);
  const manages = may('field:manage');
  const gone = () => { notify(t('fields.deleted', { name: deleting.label }), 'good'); load.reload(); };
  return html`<${Head} title=${t('place.fields')} intro=${t(manages ? 'fields.intro' : 'form.read_only')}>
      ${manages && html`<button type="button" class="button primary" name="add" onClick=${() => setEditing({})}>
        <${Icon} name="plus" size=${16}/>${t('fields.add')}</button>`}<//>
    <${Loaded} load=${load}>${(all) => ENTITIES.map((entity) => html`<${Part} key=${entity} title=${t(`fields.of_${entity}`)}>
      <${Ordered} fields=${all.filter((one) => one.entity === entity)} put=${load.put} manages=${manages}
          onEdit=${setEditing} onDelete=${setDeleting}/><//>`)}<//>
    ${editing && html`<${EditField} one=${editing} all=${load.data ?? []} onClose=${() => setEditing(null)}
        onSaved=${load.reload}/>`}
    ${deleting && html`<${Confirm} title=${t('fields.delete_title', { name: deleting.label })} label=${t('fields.delete')}
        words=${t('fields.delete_words')} act=${() => del(`/custom-fields/${deleting.id}`)}
        onClose=${() => setDeleting(null)} onDone=${gone}/>`}`;
}

function Ordered({ fields, put, manages, onEdit, onDelete }) {
  if (fields.length === 0) return html`<p class="hint">${t('fields.none')}</p>`;
  /** Shown at once in the new order; each that moved is told its place. */
  const move = async (from, to) => {
    const order = [...fields];
    order.splice(to, 0, ...order.splice(from, 1));
    const placed = new Map(order.map((one, position) => [one.id, position]));
    const apply = (all, places) => [...all].map((one) => (places.has(one.id) ? { ...one, position: places.get(one.id) } : one))
      .sort((one, two) => one.position - two.position);
    put((all) => apply(all, placed));
    say(t('fields.moved', { name: fields[from].label, place: to + 1, count: fields.length }));
    try {
      for (const one of order) {
        if (one.position !== placed.get(one.id)) await patch(`/custom-fields/${one.id}`, { position: placed.get(one.id) });
      }
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      put((all) => apply(all, new Map(fields.map((one) => [one.id, one.position]))));
      notify(problem.message);
    }
  };
  return html`<ul class="set-list" role="list">${fields.map((one, index) => html`<li key=${one.id} class="set-row">
    <div class="set-row-main"><strong>${one.label}</strong><span class="hint">${t(`fields.type_${one.type}`)}
      ${one.choices.length > 0 && `: ${one.choices.join(', ')}`} · <code>${one.key}</code></span></div>
    ${manages && html`<button type="button" class="icon-button" disabled=${index === 0} onClick=${() => move(index, index - 1)}
        aria-label=${t('fields.up', { name: one.label })}><${Icon} name="arrow-down" class="flip"/></button>
      <button type="button" class="icon-button" disabled=${index === fields.length - 1}
        onClick=${() => move(index, index + 1)} aria-label=${t('fields.down', { name: one.label })}>
        <${Icon} name="arrow-down"/></button>
      <button type="button" class="icon-button" onClick=${() => onEdit(one)}
        aria-label=${t('form.edit_named', { name: one.label })}><${Icon} name="edit"/></button>
      <button type="button" class="icon-button" onClick=${() => onDelete(one)}
        aria-label=${t('form.delete_named', { name: one.label })}><${Icon} name="trash"/></button>`}</li>`)}</ul>`;
}
