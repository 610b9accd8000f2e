// Adding a person: by a mail with a link, or with a password that is handed over.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { go } from '../core/router.js';
import { notify } from '../store/announce.js';
import { departments, refreshUsers } from '../store/directory.js';
import { me } from '../store/session.js';
import { Radios, Select, Text } from './fields.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { NewPassword } from './new_password.js';
import { Head, Part } from './page.js';
import { PickMany } from './pick_many.js';
import { roleChoices, roleWords } from './roles.js';

export function Invite() {
  const [way, setWay] = useState('mail');
  const form = useForm({ name: '', email: '', role: 'agent', department_ids: [], password: '' }, async (_, given) => {
    const { password, ...rest } = given;
    await post('/users', { ...rest, name: given.name.trim(), email: given.email.trim(),
      ...(way === 'password' ? { password } : {}) });
    refreshUsers();
  }, { done: () => {
    notify(t(way === 'mail' ? 'users.invited' : 'users.added', { name: form.values.name }), 'good');
    go('#/settings/users');
  } });
  const foot = html`<${SaveLine} form=${form} label=${t(way === 'mail' ? 'users.send_invitation' : 'users.create')}
      onCancel=${() => go('#/settings/users')}/>`;
  return html`<${Head} title=${t('users.invite')} intro=${t('users.invite_words')}
      back=${['#/settings/users', t('place.users')]}/>
    <${Part}><${Sheet} form=${form} foot=${foot}>
      <div class="two-up"><${Text} form=${form} name="name" label=${t('users.name')} autocomplete="off" maxlength="120"/>
        <${Text} form=${form} name="email" type="email" label=${t('users.email')} autocomplete="off"/></div>
      <${Select} form=${form} name="role" label=${t('users.role')} options=${roleChoices(me.value.role)}
          hint=${roleWords(form.values.role)}/>
      ${departments.value.length > 0 && html`<${PickMany} form=${form} name="department_ids"
          legend=${t('users.departments')} options=${departments.value}/>`}
      <${Radios} name="way" legend=${t('users.way')} value=${way} onPick=${setWay} options=${[
        ['mail', t('users.way_mail'), t('users.way_mail_hint')], ['password', t('users.way_password'),
          t('users.way_password_hint')]]}/>
      ${way === 'password' && html`<${NewPassword} form=${form} email=${form.values.email}
          label=${t('users.first_password')}/>`}<//><//>`;
}
