// Whom to give work to: colleagues by who is present, then departments, found by typing.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { activeUsers, departments, presenceOf } from '../store/directory.js';
import { me } from '../store/session.js';
import { Avatar } from './avatar.js';
import { MenuItem } from './popover.js';

const ORDER = { online: 0, busy: 1, away: 2, offline: 3 };

/** `onPick` gets {user_id, department_id?}; `row` says who has it now, null for many. */
export function PeopleMenu({ label, row = null, onPick }) {
  const [words, setWords] = useState('');
  const fits = (one) => one.name.toLocaleLowerCase().includes(words.toLocaleLowerCase());
  const people = activeUsers.value.filter((user) => user.role !== 'viewer' && fits(user)).sort((one, two) => ORDER[
    presenceOf(one.id)] - ORDER[presenceOf(two.id)] || one.name.localeCompare(two.name));
  const groups = departments.value.filter(fits);
  return html`<div class="menu-search"><input autofocus type="text" placeholder=${t('assign.search')}
      aria-label=${t('assign.search')} value=${words} onInput=${(event) => setWords(event.target.value)}/></div>
    <div class="menu-scroll" role="menu" aria-label=${label}>
      <div role="group" aria-label=${t('assign.people')}><p class="menu-title" aria-hidden="true">
        ${t('assign.people')}</p>
        ${(!row || row.assignee) && !words && html`<${MenuItem} icon=${html`<${Icon} name="close" size=${16}/>`}
            onPick=${() => onPick({ user_id: null })}>${t('assign.nobody')}<//>`}
        ${people.map((user) => html`<${MenuItem} key=${user.id} checked=${row?.assignee?.id === user.id}
            icon=${html`<${Avatar} name=${user.name} size=${24} presence=${presenceOf(user.id)}/>`}
          onPick=${() => onPick({ user_id: user.id })}>
            ${user.id === me.value.id ? t('assign.me', { name: user.name }) : user.name}<//>`)}</div>
      ${groups.length > 0 && html`<div role="group" class="menu-group" aria-label=${t('assign.departments')}>
        <p class="menu-title" aria-hidden="true">${t('assign.departments')}</p>
        ${groups.map((one) => html`<${MenuItem} key=${one.id} checked=${row?.department?.id === one.id}
          icon=${html`<${Icon} name="users" size=${16}/>`}
          onPick=${() => onPick({ user_id: null, department_id: one.id })}>${one.name}<//>`)}</div>`}
    </div>`;
}
