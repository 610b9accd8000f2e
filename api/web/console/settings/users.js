// The people of the organization: found by name, role and state, page by page; one of them opened at their own address.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { number, t } from '../../shared/i18n.js';
import { get, post } from '../core/api.js';
import { route } from '../core/router.js';
import { notify } from '../store/announce.js';
import { presenceOf, refreshUsers } from '../store/directory.js';
import { may, me } from '../store/session.js';
import { Avatar } from '../components/avatar.js';
import { Confirm, Empty, Head, Loaded, Part, useLoad } from './page.js';
import { Invite } from './user_invite.js';
import { OneUser } from './user_edit.js';

export const ROLES = ['owner', 'admin', 'manager', 'agent', 'viewer'];
const PAGE = 25;

export function Page() {
  const { id } = route.value;
  if (id === 'new' && may('user:manage')) return html`<${Invite}/>`;
  return id ? html`<${OneUser} key=${id} id=${id}/>` : html`<${People}/>`;
}

function People() {
  const manages = may('user:manage');
  const [asked, setAsked] = useState({ search: '', role: '', state: 'active', page: 1 });
  const [words, setWords] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked((now) => (now.search === words.trim() ? now
      : { ...now, search: words.trim(), page: 1 })), 220);
    return () => clearTimeout(timer);
  }, [words]);
  const load = useLoad(() => get('/users', queryOf(asked)), [JSON.stringify(asked)]);
  const narrow = (changes) => setAsked({ ...asked, page: 1, ...changes });
  return html`<${Head} title=${t('place.users')} intro=${t(manages ? 'users.intro' : 'form.read_only')}>
      ${manages && html`<a class="button primary" name="invite" href="#/settings/users/new"><${Icon} name="plus" size=${16}/>
        ${t('users.invite')}</a>`}<//>
    <${Part}><div class="set-tools">
        <div class="search"><${Icon} name="search" size=${16}/><input type="search" value=${words} autocomplete="off"
            aria-label=${t('users.search')} placeholder=${t('users.search')}
            onInput=${(event) => setWords(event.target.value)}/></div>
        <select aria-label=${t('users.role')} value=${asked.role} onChange=${(event) => narrow({ role: event.target.value })}>
          <option value="">${t('users.any_role')}</option>
          ${ROLES.map((role) => html`<option key=${role} value=${role}>${t(`role.${role}`)}</option>`)}</select>
        <select aria-label=${t('users.state')} value=${asked.state}
            onChange=${(event) => narrow({ state: event.target.value })}>
          ${['active', 'inactive', 'any', ...(manages ? ['deleted'] : [])].map((state) => html`
            <option key=${state} value=${state} selected=${state === asked.state}>${t(`users.state_${state}`)}</option>`)}
        </select></div>
      <${Loaded} load=${load}>${(found) => html`<${Found} found=${found} asked=${asked} reload=${load.reload}
          turn=${(page) => setAsked({ ...asked, page })}/>`}<//><//>`;
}

function queryOf({ search, role, state, page }) {
  return { search, role, page, page_size: PAGE, ordering: 'name',
    is_active: { active: true, inactive: false }[state], deleted: state === 'deleted' || undefined };
}

function Found({ found, asked, turn, reload }) {
  if (found.results.length === 0) {
    return html`<${Empty} icon="users" title=${t('users.none')}><p class="hint">${t('users.none_hint')}</p><//>`;
  }
  const last = Math.ceil(found.count / PAGE);
  return html`<p class="hint" role="status">${t('users.count', { count: found.count })}</p>
    <ul class="set-list" role="list">${found.results.map((user) => (user.deleted_at
      ? html`<${Deleted} key=${user.id} user=${user} onRestored=${reload}/>` : html`<${One} key=${user.id} user=${user}/>`))}</ul>
    ${last > 1 && html`<nav class="pager" aria-label=${t('users.pages')}>
      <button type="button" class="button small" disabled=${asked.page <= 1} onClick=${() => turn(asked.page - 1)}>
        ${t('form.previous')}</button>
      <span role="status">${t('form.page_of', { page: number(asked.page), last: number(last) })}</span>
      <button type="button" class="button small" disabled=${!found.next} onClick=${() => turn(asked.page + 1)}>
        ${t('form.next')}</button></nav>`}`;
}

function One({ user }) {
  return html`<li class=${`set-row ${user.is_active ? '' : 'faint'}`}>
    <${Avatar} name=${user.name} presence=${user.is_active ? presenceOf(user.id) : null}/>
    <div class="set-row-main"><a class="set-row-link" href=${`#/settings/users/${user.id}`}>${user.name}</a>
      <span class="hint">${user.email}${user.departments.length > 0 &&
        ` · ${user.departments.map((one) => one.name).join(', ')}`}</span></div>
    <span class="set-row-marks">${user.id === me.value.id && html`<span class="health unknown">${t('users.you')}</span>`}
      ${!user.is_active && html`<span class="health paused">${t('users.inactive')}</span>`}
      <span class="role-mark">${t(`role.${user.role}`)}</span></span>
    <${Icon} name="back" size=${16} class="flip"/></li>`;
}

function Deleted({ user, onRestored }) {
  const [asking, setAsking] = useState(false);
  const restored = () => { notify(t('users.restored', { name: user.name }), 'good'); refreshUsers(); onRestored(); };
  return html`<li class="set-row faint"><${Avatar} name=${user.name}/>
    <div class="set-row-main"><strong>${user.name}</strong><span class="hint">${user.email}</span></div>
    <span class="set-row-marks"><span class="role-mark">${t(`role.${user.role}`)}</span></span>
    <button type="button" class="button small" onClick=${() => setAsking(true)}>${t('users.restore')}</button>
    ${asking && html`<${Confirm} kind="primary" title=${t('users.restore_title', { name: user.name })}
        words=${t('users.restore_words')} label=${t('users.restore')} onClose=${() => setAsking(false)}
        act=${() => post(`/users/${user.id}/restore`)} onDone=${restored}/>`}</li>`;
}
