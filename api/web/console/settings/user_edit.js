// One person: who they are and what they may do; and shutting them out, by steps that can be taken back.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { shortDate, t } from '../../shared/i18n.js';
import { del, get, patch, post } from '../core/api.js';
import { go } from '../core/router.js';
import { notify } from '../store/announce.js';
import { departments, refreshUsers } from '../store/directory.js';
import { may, me } from '../store/session.js';
import { Dialog } from '../components/dialog.js';
import { Fact, Select, Text } from './fields.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { ifSaved } from './guard.js';
import { NewPassword } from './new_password.js';
import { Confirm, Head, Loaded, Part, useLoad } from './page.js';
import { PickMany } from './pick_many.js';
import { roleChoices, roleWords } from './roles.js';

const LIST = '#/settings/users';

export function OneUser({ id }) {
  const load = useLoad(() => get(`/users/${id}`), [id]);
  // Counting the owners is how the page knows that nobody else could take over.
  const owners = useLoad(async () => (await get('/users', { role: 'owner', is_active: true, page_size: 1 })).count, [id]);
  return html`<${Head} title=${load.data?.name ?? t('users.one')} back=${[LIST, t('place.users')]}/>
    <${Loaded} load=${load} lines=${6}>${(user) => html`<${Known} user=${user} put=${load.put}
        isLastOwner=${user.role === 'owner' && user.is_active && owners.data === 1}/>`}<//>`;
}

function Known({ user, put, isLastOwner }) {
  const own = user.id === me.value.id;
  const ownerOnly = user.role === 'owner' && me.value.role !== 'owner';
  const locked = !may('user:manage') || ownerOnly;
  const changed = (now) => { put(now); refreshUsers(); };
  return html`${may('user:manage') && ownerOnly && html`<p class="inline-note">${t('users.owner_only')}</p>`}
    ${isLastOwner && !locked && html`<p class="inline-note">${t('users.last_owner')}</p>`}
    ${own && html`<p class="inline-note">${t('users.own')} <a href="#/settings/profile">${t('place.profile')}</a></p>`}
    <${Part} title=${t('users.facts')}><${Facts} user=${user} locked=${locked} changed=${changed}
        isLastOwner=${isLastOwner}/><//>
    ${!locked && html`<${Part} title=${t('users.sign_in')} intro=${t('users.sign_in_words')}><${SignIn} user=${user}/><//>`}
    ${!locked && !own && html`<${Part} title=${t('users.access')}><${Access} user=${user} changed=${changed}
        isLastOwner=${isLastOwner}/><//>`}`;
}

function Facts({ user, locked, changed, isLastOwner }) {
  const pick = (one) => ({ name: one.name, email: one.email, role: one.role,
    department_ids: one.departments.map((department) => department.id).sort() });
  const form = useForm(pick(user), async (changes) => {
    const now = await patch(`/users/${user.id}`, changes);
    changed(now);
    return pick(now);
  }, { locked });
  return html`<${Sheet} form=${form}>
    <div class="two-up"><${Text} form=${form} name="name" label=${t('users.name')} maxlength="120" autocomplete="off"/>
      <${Text} form=${form} name="email" type="email" label=${t('users.email')} autocomplete="off"/></div>
    ${isLastOwner || locked ? html`<${Fact} name="role" label=${t('users.role')}>${t(`role.${user.role}`)}
        <span class="hint"> ${roleWords(user.role)}</span><//>`
      : html`<${Select} form=${form} name="role" label=${t('users.role')} options=${roleChoices(me.value.role)}
          hint=${roleWords(form.values.role)}/>`}
    ${departments.value.length > 0 && html`<${PickMany} form=${form} name="department_ids"
        legend=${t('users.departments')} options=${departments.value}/>`}
    <${Fact} label=${t('users.since')}>${shortDate(user.created_at)}<//><//>`;
}

function SignIn({ user }) {
  const [setting, setSetting] = useState(false);
  const [mailing, setMailing] = useState(false);
  const mail = () => post('/auth/password-reset', { email: user.email, slug: me.value.organization.slug });
  return html`<div class="set-line start">
    <button type="button" class="button" onClick=${() => setMailing(true)}>${t('users.mail_link')}</button>
    ${user.id !== me.value.id && html`<button type="button" class="button" onClick=${() => setSetting(true)}>
      ${t('users.set_password')}</button>`}
    ${mailing && html`<${Confirm} kind="primary" title=${t('users.mail_link')} label=${t('users.mail_send')}
        words=${t('users.mail_words', { email: user.email })} act=${mail} onClose=${() => setMailing(false)}
        onDone=${() => notify(t('users.mailed', { email: user.email }), 'good')}/>`}
    ${setting && html`<${SetPassword} user=${user} onClose=${() => setSetting(false)}/>`}</div>`;
}

function SetPassword({ user, onClose }) {
  const form = useForm({ password: '' }, (_, values) => post(`/users/${user.id}/password`, values),
    { done: () => { notify(t('users.password_set', { name: user.name }), 'good'); onClose(); } });
  const foot = html`<${SaveLine} form=${form} label=${t('users.set_password')} onCancel=${onClose}/>`;
  return html`<${Dialog} title=${t('users.set_password')} onClose=${() => ifSaved(onClose)}><p>${t('users.set_password_words')}</p>
    <${Sheet} form=${form} foot=${foot}><${NewPassword} form=${form} email=${user.email}
        label=${t('users.new_password', { name: user.name })} autofocus/><//><//>`;
}

function Access({ user, changed, isLastOwner }) {
  const [asking, setAsking] = useState(null);
  const close = () => setAsking(null);
  const flip = (active) => patch(`/users/${user.id}`, { is_active: active });
  const gone = () => { notify(t('users.deleted', { name: user.name }), 'good'); refreshUsers(); go(LIST); };
  return html`<div class="set-line"><p>${t(user.is_active ? 'users.deactivate_words' : 'users.activate_words')}</p>
      <button type="button" class="button" disabled=${isLastOwner}
          onClick=${() => (user.is_active ? setAsking('deactivate') : flip(true).then(changed, (problem) => notify(problem.message)))}>
        ${t(user.is_active ? 'users.deactivate' : 'users.activate')}</button></div>
    <div class="set-line"><p>${t('users.delete_words')}</p>
      <button type="button" class="button bad" disabled=${isLastOwner} onClick=${() => setAsking('delete')}>
        <${Icon} name="trash" size=${16}/>${t('users.delete')}</button></div>
    ${asking === 'deactivate' && html`<${Confirm} title=${t('users.deactivate_title', { name: user.name })}
        words=${t('users.deactivate_what')} label=${t('users.deactivate')} act=${() => flip(false)} onClose=${close}
        onDone=${changed}/>`}
    ${asking === 'delete' && html`<${Confirm} title=${t('users.delete_title', { name: user.name })}
        words=${t('users.delete_what')} label=${t('users.delete')} act=${() => del(`/users/${user.id}`)} onClose=${close}
        onDone=${gone}/>`}`;
}
