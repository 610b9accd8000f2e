// Prepared texts, mine and everybody's: found, written with variables, seen as the customer will see them.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { del, get } from '../core/api.js';
import { route } from '../core/router.js';
import { notify } from '../store/announce.js';
import { departments } from '../store/directory.js';
import { may } from '../store/session.js';
import { folded } from './combobox.js';
import { Confirm, Empty, Head, Loaded, Part, useLoad } from './page.js';
import { EditReply } from './reply_edit.js';

const LIST = '#/settings/replies';

export function Page() {
  const { id } = route.value;
  const load = useLoad(everyPage);
  const [deleting, setDeleting] = useState(null);
  const changed = () => { load.reload(); document.dispatchEvent(new CustomEvent('canned:changed')); };
  const found = load.data?.find((one) => one.id === id);
  if (id === 'new' || found) {
    return html`<${EditReply} key=${id} one=${found} locked=${found && !mayChange(found)} onSaved=${changed}/>`;
  }
  const gone = () => { notify(t('replies.deleted', { name: deleting.title }), 'good'); changed(); };
  return html`<${Head} title=${t('place.replies')} intro=${t('replies.intro')}>
      ${may('conversation:reply') && html`<a class="button primary" name="add" href=${`${LIST}/new`}>
        <${Icon} name="plus" size=${16}/>${t('replies.add')}</a>`}<//>
    <${Part}><${Loaded} load=${load}>${(all) => html`<${All} all=${all} onDelete=${setDeleting}/>`}<//><//>
    ${deleting && html`<${Confirm} title=${t('replies.delete_title', { name: deleting.title })} label=${t('replies.delete')}
        words=${t(deleting.scope === 'organization' ? 'replies.delete_all' : 'replies.delete_own')}
        act=${() => del(`/canned-responses/${deleting.id}`)} onClose=${() => setDeleting(null)} onDone=${gone}/>`}`;
}

/** One's own are one's own; the organization's belong to those who manage them. */
function mayChange(one) { return one.scope === 'personal' ? may('conversation:reply') : may('canned:manage'); }

async function everyPage() {
  const found = [];
  for (let page = 1; page <= 20; page += 1) {
    const answer = await get('/canned-responses', { page, page_size: 100 });
    found.push(...answer.results);
    if (!answer.next) break;
  }
  return found;
}

function All({ all, onDelete }) {
  const [words, setWords] = useState('');
  const [scope, setScope] = useState('any');
  useEffect(() => setWords(''), [scope]);
  if (all.length === 0) {
    return html`<${Empty} icon="reply" title=${t('replies.none')}><p class="hint">${t('replies.none_hint')}</p><//>`;
  }
  const parts = folded(words).split(/\s+/).filter(Boolean);
  const shown = all.filter((one) => (scope === 'any' || one.scope === scope)
    && parts.every((part) => folded(`${one.shortcut} ${one.title} ${one.body}`).includes(part)));
  return html`<div class="set-tools"><div class="search"><${Icon} name="search" size=${16}/>
      <input type="search" value=${words} autocomplete="off" aria-label=${t('replies.search')}
          placeholder=${t('replies.search')} onInput=${(event) => setWords(event.target.value)}/></div>
      <select aria-label=${t('replies.scope')} onChange=${(event) => setScope(event.target.value)}>
        ${['any', 'personal', 'organization'].map((one) => html`<option key=${one} value=${one} selected=${one === scope}>
          ${t(`replies.scope_${one}`)}</option>`)}</select></div>
    ${shown.length === 0 && html`<p class="hint" role="status">${t('form.nothing_fits')}</p>`}
    <ul class="set-list" role="list">${shown.map((one) => html`<li key=${one.id} class="set-row">
      <div class="set-row-main"><a class="set-row-link" href=${`${LIST}/${one.id}`}>${one.title}</a>
        <span class="hint one-line">${one.body}</span></div>
      <span class="set-row-marks"><code class="shortcut">/${one.shortcut}</code>
        <span class="role-mark">${scopeName(one)}</span></span>
      ${mayChange(one) && html`<button type="button" class="icon-button" onClick=${() => onDelete(one)}
          aria-label=${t('form.delete_named', { name: one.title })}><${Icon} name="trash"/></button>`}</li>`)}</ul>`;
}

function scopeName(one) {
  const department = departments.value.find((found) => found.id === one.department_id);
  return department?.name ?? t(`replies.is_${one.scope}`);
}
