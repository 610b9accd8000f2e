// Setting a new password from the link in the mail.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { Field, Refusal } from './field.js';
import { Gate } from './gate.js';

export function ResetPassword({ token }) {
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    setProblem(null);
    try {
      await post('/auth/password-reset/confirm', { token, password: new FormData(event.target).get('password') },
        { anonymous: true });
      setDone(true);
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  return html`<${Gate} title=${t('reset.title')}>
    ${done ? html`<p role="status">${t('reset.done')}</p>` : html`<${Refusal} problem=${problem}/>
      <form class="form" onSubmit=${submit}>
        <${Field} label=${t('reset.password')} name="password" type="password" autocomplete="new-password" required
            minlength="8" problem=${problem} autofocus/>
        <button class="button primary wide">${t('reset.submit')}</button></form>`}
    <a class="link-button" href="#/inbox/mine">${t('reset.to_signin')}</a><//>`;
}
