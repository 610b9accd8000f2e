// Changing my own password; what the server refuses is said at the field it is about.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { me } from '../store/session.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { NewPassword, Secret } from './new_password.js';
import { Head, Part } from './page.js';

const EMPTY = { current_password: '', password: '' };

export function Page() {
  const user = me.value;
  const form = useForm(EMPTY, async (_, values) => {
    await post(`/users/${user.id}/password`, values);
    return EMPTY;
  });
  return html`<${Head} title=${t('place.password')} intro=${t('password.intro')}/>
    <${Part}><${Sheet} form=${form} foot=${html`<${SaveLine} form=${form} label=${t('password.change')}/>`}>
      <input type="hidden" autocomplete="username" value=${user.email}/>
      <${Secret} form=${form} name="current_password" label=${t('password.current')} autocomplete="current-password"/>
      <${NewPassword} form=${form} email=${user.email} label=${t('password.new')}/><//><//>`;
}
