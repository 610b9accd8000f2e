// The people of the organization: a list, and a form to add one.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { notify } from '../store/announce.js';
import { departments, presenceOf, refreshUsers, users } from '../store/directory.js';
import { Avatar } from '../components/avatar.js';
import { Dialog } from '../components/dialog.js';
import { Field, Refusal } from '../components/field.js';

const ROLES = ['agent', 'manager', 'admin', 'viewer'];

export function Users() {
  const [adding, setAdding] = useState(false);
  const [problem, setProblem] = useState(null);
  const load = () => refreshUsers().then(() => setProblem(null), setProblem);
  useEffect(() => { load(); }, []);
  return html`<div class="settings-head"><h2>${t('settings.users')}</h2>
      <button class="button primary" onClick=${() => setAdding(true)}><${Icon} name="plus" size=${16}/>
        ${t('users.add')}</button></div>
    <${Refusal} problem=${problem}/>
    <ul class="people" role="list">
      ${users.value.map((user) => html`<li key=${user.id} class=${user.is_active ? '' : 'inactive'}>
      <${Avatar} name=${user.name} presence=${presenceOf(user.id)}/>
      <div><strong>${user.name}</strong><span class="hint">${user.email}</span></div>
      <span class="people-role">${t(`role.${user.role}`)}${!user.is_active && html` · ${t('users.inactive')}`}</span>
      <span class="hint">${user.departments.map((one) => one.name).join(', ')}</span></li>`)}</ul>
    ${adding && html`<${AddUser} onClose=${() => setAdding(false)}
        onAdded=${() => { setAdding(false); notify(t('users.added'), 'good'); load(); }}/>`}`;
}

function AddUser({ onClose, onAdded }) {
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const department = form.get('department_id');
    setProblem(null);
    try {
      await post('/users', {
        name: form.get('name').trim(), email: form.get('email').trim(), role: form.get('role'),
        password: form.get('password') || undefined, department_ids: department ? [department] : undefined,
      });
      onAdded();
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  return html`<${Dialog} title=${t('users.add')} onClose=${onClose}><${Refusal} problem=${problem}/>
    <form class="form" onSubmit=${submit}>
      <${Field} label=${t('settings.name')} name="name" type="text" required autocomplete="off" problem=${problem}
          autofocus/>
      <${Field} label=${t('signin.email')} name="email" type="email" required autocomplete="off" problem=${problem}/>
      <label class="field">${t('users.role')}<select name="role">
        ${ROLES.map((role) => html`<option key=${role} value=${role}>${t(`role.${role}`)}</option>`)}</select></label>
      ${departments.value.length > 0 &&
        html`<label class="field">${t('filter.department')}<select name="department_id"><option value="">—</option>
          ${departments.value.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select>
            </label>`}
      <${Field} label=${t('users.password')} name="password" type="password" minlength="8" autocomplete="new-password"
          hint=${t('users.password_hint')} problem=${problem}/>
      <div class="form-foot"><button type="button" class="button" onClick=${onClose}>${t('action.cancel')}</button>
        <button class="button primary">${t('users.create')}</button></div>
    </form><//>`;
}
