// The head of the thread: who it is, who else looks, and what can be done next.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { closeOpen, markUnread, panelOpen } from '../commands/registry.js';
import { inboxHash, route } from '../core/router.js';
import { accept, assign, reopen } from '../store/acts.js';
import { activeUsers, departments, presenceOf } from '../store/directory.js';
import { rowSignal } from '../store/rows.js';
import { me } from '../store/session.js';
import { viewers } from '../store/typing.js';
import { Avatar, channelName, contactName } from './avatar.js';
import { MenuItem, Popover } from './popover.js';
import { Waiting } from './row.js';

export function ThreadHead({ opened }) {
  const row = rowSignal(opened.id).value;
  const back = html`<a class="icon-button thread-back" href=${inboxHash(route.value.view)}
      aria-label=${t('action.back')}><${Icon} name="back"/></a>`;
  const can = opened.detail.value?.can ?? {};
  if (!row) return html`<header class="thread-head">${back}<span class="skeleton-line"></span></header>`;
  return html`<header class="thread-head">
    ${back}
    <div class="thread-who"><h2 title=${contactName(row.contact)}>${contactName(row.contact)}</h2>
      <p><span class="thread-channel">${row.channel.name || channelName(row.channel.kind)}</span>
        <${Waiting} since=${row.status === 'open' ? row.waiting_since : null}/>
        ${row.status === 'closed' && html`<span class="tag more">${t('row.closed')}</span>`}</p></div>
    <${Viewers} id=${opened.id}/>
    <div class="thread-acts">
      ${row.status === 'open' && !row.assignee && can.accept !== false &&
        html`<button class="button primary" onClick=${() => accept(row.id)}>${t('command.accept')}</button>`}
      <${Assign} row=${row} allowed=${can.assign !== false && row.status === 'open'}/>
      ${(can.close !== false || can.reopen !== false) && (row.status === 'open'
        ? html`<button class="button act-close" title=${t('command.close')} onClick=${closeOpen}>
          <${Icon} name="archive" size=${16}/><span>${t('command.close')}</span></button>`
        : html`<button class="button act-close" title=${t('command.reopen')} onClick=${() => reopen(row.id)}>
          <${Icon} name="retry" size=${16}/><span>${t('command.reopen')}</span></button>`)}
      <button class="icon-button act-unread" aria-label=${t('command.unread')} title=${t('command.unread')}
          onClick=${markUnread}><${Icon} name="unread"/></button>
      <button class="icon-button act-panel" aria-label=${t('command.panel')} title=${t('command.panel')}
          aria-expanded=${panelOpen.value ? 'true' : 'false'}
        onClick=${() => { panelOpen.value = !panelOpen.value; }}><${Icon} name="panel"/></button>
    </div></header>`;
}

function Viewers({ id }) {
  const others = viewers.value.get(id) ?? [];
  if (others.length === 0) return null;
  const label = t('thread.viewers', { names: others.map((one) => one.name).join(', ') });
  return html`<div class="viewers" title=${label}><span class="sr-only">${label}</span><${Icon} name="eye" size=${16}/>
    ${others.slice(0, 3).map((one) => html`<${Avatar} key=${one.id} name=${one.name} size=${24}/>`)}
    ${others.length > 3 && html`<span>+${others.length - 3}</span>`}</div>`;
}

function Assign({ row, allowed }) {
  const [words, setWords] = useState('');
  const fits = (one) => one.name.toLocaleLowerCase().includes(words.toLocaleLowerCase());
  const label = row.assignee ? t('assign.to', { name: row.assignee.name })
    : `${t('assign.nobody')}. ${t('command.assign')}`;
  const button = html`<${Icon} name=${row.assignee ? 'user' : 'users'} size=${16}/><span>
    ${row.assignee?.name ?? t('assign.nobody')}</span><${Icon} name="down" size=${16}/>`;
  const order = { online: 0, busy: 1, away: 2, offline: 3 };
  const people = activeUsers.value.filter((user) => user.role !== 'viewer' && fits(user)).sort((one,
    two) => order[presenceOf(one.id)] - order[presenceOf(two.id)] || one.name.localeCompare(two.name));
  return html`<${Popover} label=${label} role="dialog" act="assign" disabled=${!allowed} class="button act-assign"
      boxClass="assign-menu" button=${button} onOpen=${() => setWords('')}>
    ${(done) => html`<div class="menu-search">
      <input autofocus type="text" placeholder=${t('assign.search')} aria-label=${t('assign.search')} value=${words}
          onInput=${(event) => setWords(event.target.value)}/></div>
      <div class="menu-scroll" role="menu" aria-label=${label}>
      <div role="group" aria-label=${t('assign.people')}><p class="menu-title" aria-hidden="true">
        ${t('assign.people')}</p>
        ${row.assignee && !words && html`<${MenuItem} icon=${html`<${Icon} name="close" size=${16}/>`}
            onPick=${() => { done(); assign(row.id, { user_id: null }); }}>${t('assign.nobody')}<//>`}
        ${people.map((user) => html`<${MenuItem} key=${user.id} checked=${row.assignee?.id === user.id}
            icon=${html`<${Avatar} name=${user.name} size=${24} presence=${presenceOf(user.id)}/>`}
          onPick=${() => { done(); assign(row.id, { user_id: user.id }); }}>
            ${user.id === me.value.id ? t('assign.me', { name: user.name }) : user.name}<//>`)}</div>
      ${departments.value.some(fits) &&
        html`<div role="group" class="menu-group" aria-label=${t('assign.departments')}>
          <p class="menu-title" aria-hidden="true">${t('assign.departments')}</p>
        ${departments.value.filter(fits).map((one) => html`<${MenuItem} key=${one.id}
            checked=${row.department?.id === one.id} icon=${html`<${Icon} name="users" size=${16}/>`}
          onPick=${() => { done(); assign(row.id, { user_id: null, department_id: one.id }); }}>
            ${one.name}<//>`)}</div>`}
      </div>`}
  <//>`;
}
