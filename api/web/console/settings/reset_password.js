// Choosing a password from the link in a mail: an invitation's first one, or a new one for a forgotten one.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { Gate } from '../components/gate.js';
import { Sheet, useForm } from './form.js';
import { NewPassword } from './new_password.js';

const SIGN_IN = '#/inbox/mine';

export function ResetPassword({ token }) {
  const [done, setDone] = useState(false);
  const form = useForm({ password: '' }, async (_, values) => {
    await post('/auth/password-reset/confirm', { token, password: values.password }, { anonymous: true });
    return { password: '' };
  }, { fresh: true, loose: true, done: () => setDone(true) });
  if (done) {
    return html`<${Gate} title=${t('reset.done_title')}><p class="inline-good" role="status"><${Icon} name="check" size=${16}/>
      ${t('reset.done')}</p><a class="button primary wide" href=${SIGN_IN} autofocus>${t('reset.to_signin')}</a><//>`;
  }
  if (form.problem?.code === 'reset_invalid') {
    return html`<${Gate} title=${t('reset.invalid_title')}><p role="alert">${t('reset.invalid')}</p>
      <a class="button primary wide" href="#/forgot">${t('reset.again')}</a>
      <a class="link-button" href=${SIGN_IN}>${t('reset.to_signin')}</a><//>`;
  }
  const busy = form.phase === 'saving';
  const foot = html`<button class="button primary wide" aria-disabled=${busy ? 'true' : null}>
    ${t(busy ? 'form.saving' : 'reset.submit')}</button>`;
  return html`<${Gate} title=${t('reset.title')}><p class="hint">${t('reset.words')}</p>
    <${Sheet} form=${form} foot=${foot}><${NewPassword} form=${form} label=${t('reset.password')} autofocus required/><//>
    <a class="link-button" href=${SIGN_IN}>${t('reset.to_signin')}</a><//>`;
}
