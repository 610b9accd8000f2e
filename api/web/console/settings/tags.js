// Tags: their names and colours, and where they are used before one is taken away.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { del, get, patch, post } from '../core/api.js';
import { notify } from '../store/announce.js';
import { refreshTags } from '../store/directory.js';
import { may } from '../store/session.js';
import { Dialog } from '../components/dialog.js';
import { Colour, Dot } from './colour.js';
import { Text } from './fields.js';
import { ifSaved } from './guard.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { Confirm, Empty, Head, Loaded, Part, useLoad } from './page.js';

const GREY = '#64748b';
const READY = ['#64748b', '#dc2626', '#d97706', '#16a34a', '#0891b2', '#2563eb', '#7c3aed', '#db2777'];
const COUNTED = 100;

export function Page() {
  const load = useLoad(async () => {
    const found = await get('/tags', { page_size: 100 });
    return found.results ?? found;
  });
  const [editing, setEditing] = useState(null);
  const [deleting, setDeleting] = useState(null);
  const manages = may('tag:manage');
  const changed = () => { load.reload(); refreshTags(); };
  return html`<${Head} title=${t('place.tags')} intro=${t(manages ? 'tagging.intro' : 'form.read_only')}>
      ${manages && html`<button type="button" class="button primary" name="add" onClick=${() => setEditing({})}>
        <${Icon} name="plus" size=${16}/>${t('tagging.add')}</button>`}<//>
    <${Part}><${Loaded} load=${load}>${(all) => (all.length === 0
      ? html`<${Empty} icon="tag" title=${t('tagging.none')}><p class="hint">${t('tagging.none_hint')}</p><//>`
      : html`<ul class="set-list" role="list">${all.map((tag) => html`<li key=${tag.id} class="set-row">
        <${Dot} colour=${tag.color}/><div class="set-row-main"><strong>${tag.name}</strong></div>
        ${manages && html`<button type="button" class="icon-button" onClick=${() => setEditing(tag)}
            aria-label=${t('form.edit_named', { name: tag.name })}><${Icon} name="edit"/></button>
          <button type="button" class="icon-button" onClick=${() => setDeleting(tag)}
            aria-label=${t('form.delete_named', { name: tag.name })}><${Icon} name="trash"/></button>`}</li>`)}</ul>`)}<//><//>
    ${editing && html`<${Edit} tag=${editing} onClose=${() => setEditing(null)} onSaved=${changed}/>`}
    ${deleting && html`<${Confirm} title=${t('tagging.delete_title', { name: deleting.name })} label=${t('tagging.delete')}
        act=${() => del(`/tags/${deleting.id}`)} onClose=${() => setDeleting(null)}
        onDone=${() => { notify(t('tagging.deleted', { name: deleting.name }), 'good'); changed(); }}>
      <${Use} tag=${deleting}/><//>`}`;
}

/** How many conversations lose it; counted only when it matters. */
function Use({ tag }) {
  const load = useLoad(async () => {
    const of = (view) => get('/conversations', { view, tag_id: tag.id, limit: COUNTED }).then((found) => found.results.length);
    const [open, closed] = await Promise.all([of('all'), of('closed')]);
    return { count: open + closed, more: open === COUNTED || closed === COUNTED };
  }, [tag.id]);
  if (!load.data) return html`<p role="status">${load.problem ? '' : t('tagging.counting')}</p>`;
  const { count, more } = load.data;
  if (more) return html`<p role="status">${t('tagging.used_more', { count: COUNTED })}</p>`;
  return html`<p role="status">${count === 0 ? t('tagging.unused') : t('tagging.used', { count })}</p>`;
}

function Edit({ tag, onClose, onSaved }) {
  const form = useForm({ name: tag.name ?? '', color: tag.color ?? GREY }, async (changes, values) => {
    await (tag.id ? patch(`/tags/${tag.id}`, changes) : post('/tags', values));
  }, { done: () => { onSaved(); onClose(); } });
  return html`<${Dialog} title=${tag.id ? t('tagging.edit') : t('tagging.add')} onClose=${() => ifSaved(onClose)}>
    <${Sheet} form=${form} foot=${html`<${SaveLine} form=${form} onCancel=${onClose}/>`}>
      <${Text} form=${form} name="name" label=${t('tagging.name')} maxlength="60" autofocus autocomplete="off"/>
      <${Colour} form=${form} name="color" label=${t('tagging.colour')} fallback=${GREY} palette=${READY}/>
      <p class="hint"><${Dot} colour=${form.values.color}/> <span class="tag">${form.values.name || '…'}</span></p><//><//>`;
}
