// Narrowing the list by channel, owner or tag.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { activeUsers, channels, departments, tags } from '../store/directory.js';
import { filters } from '../store/inbox.js';
import { Popover } from './popover.js';

export function Filters() {
  const set = Object.values(filters.value).filter(Boolean).length;
  const label = set ? t('filter.active', { count: set }) : t('filter.label');
  return html`<${Popover} label=${label} role="dialog" boxClass="filter-box" class=${`icon-button ${set ? 'on' : ''}`}
      button=${html`<${Icon} name="filter"/>`}>
    ${(close) => html`<div class="form">
      <${Choice} name="channel_id" label=${t('filter.channel')} list=${channels.value} focus=${true}/>
      <${Choice} name="assignee_id" label=${t('filter.assignee')} list=${activeUsers.value}/>
      <${Choice} name="department_id" label=${t('filter.department')} list=${departments.value}/>
      <${Choice} name="tag_id" label=${t('filter.tag')} list=${tags.value}/>
      <div class="form-foot"><button class="button" disabled=${!set} onClick=${() => { filters.value = {}; }}>
        ${t('filter.clear')}</button>
        <button class="button primary" onClick=${close}>${t('action.done')}</button></div></div>`}
  <//>`;
}

function Choice({ name, label, list, focus }) {
  return html`<label class="field">${label}
    <select autofocus=${focus} value=${filters.value[name] ?? ''}
        onChange=${(event) => { filters.value = { ...filters.value, [name]: event.target.value || null }; }}>
      <option value="">${t('filter.any')}</option>
      ${list.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select></label>`;
}
