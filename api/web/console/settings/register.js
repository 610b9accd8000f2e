// Founding an organization: four fields, and one is in; a fifth only when another has the same short name.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { go } from '../core/router.js';
import { registration } from '../store/installation.js';
import { register } from '../store/session.js';
import { Gate } from '../components/gate.js';
import { Text } from './fields.js';
import { Sheet, useForm } from './form.js';
import { NewPassword } from './new_password.js';

const START = { organization_name: '', slug: '', name: '', email: '', password: '' };

export function Register() {
  const form = useForm(START, (_, values) => register({ ...values, organization_name: values.organization_name.trim(),
    name: values.name.trim(), email: values.email.trim(), slug: values.slug.trim() || undefined }), { done: () => go('#/inbox/mine'), fresh: true, loose: true });
  if (registration.value === 'closed' || form.problem?.code === 'registration_closed') {
    return html`<${Gate} title=${t('register.closed')}><p>${t('register.closed_words')}</p>
      <a class="button primary wide" href="#/inbox/mine">${t('reset.to_signin')}</a><//>`;
  }
  const busy = form.phase === 'saving';
  const foot = html`<button class="button primary wide" aria-disabled=${busy ? 'true' : null}>
    ${t(busy ? 'register.busy' : 'register.submit')}</button>`;
  return html`<${Gate} title=${t('register.title')}><p class="hint">${t('register.words')}</p>
    <${Sheet} form=${form} foot=${foot}>
      <${Text} form=${form} name="organization_name" label=${t('register.organization')} autocomplete="organization"
          maxlength="120" required autofocus/>
      ${(form.values.slug || form.problem?.code === 'slug_taken') && html`<${Text} form=${form} name="slug"
          label=${t('organization.slug')} hint=${t('register.slug_hint')} maxlength="48" autocapitalize="none"
          spellcheck=${false} autocomplete="off"/>`}
      <${Text} form=${form} name="name" label=${t('register.name')} autocomplete="name" maxlength="120" required/>
      <${Text} form=${form} name="email" type="email" label=${t('signin.email')} autocomplete="username" required/>
      <${NewPassword} form=${form} email=${form.values.email} label=${t('signin.password')}/><//>
    <p class="gate-foot">${t('register.have')} <a href="#/inbox/mine">${t('signin.submit')}</a></p><//>`;
}
