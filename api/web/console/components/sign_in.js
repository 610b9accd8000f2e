// Signing in: e-mail and password, and the organization only when it must be chosen.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { go, route } from '../core/router.js';
import { load, save } from '../core/storage.js';
import { askInstallation, registration } from '../store/installation.js';
import { signedOutBecause, signIn } from '../store/session.js';
import { Field, Refusal } from './field.js';
import { Gate } from './gate.js';

export function SignIn() {
  const [step, setStep] = useState('form');
  const [given, setGiven] = useState({ email: load('last-email', ''), password: '', slug: '' });
  const [choices, setChoices] = useState([]);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const fill = (event) => setGiven({ ...given, [event.target.name]: event.target.value });
  const enter = async (slug) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await signIn({ ...given, slug: slug.trim() });
      save('last-email', given.email);
    } catch (refusal) {
      setBusy(false);
      if (refusal.code !== 'organization_required') { setProblem(refusal); return; }
      setChoices(refusal.extra.organizations);
      setStep('organization');
    }
  };
  const submit = (event) => { event.preventDefault(); enter(given.slug); };
  useEffect(() => { askInstallation(); }, []);
  if (route.value.page === 'forgot') return html`<${Forgot} email=${given.email} onBack=${() => go('#/inbox/mine')}/>`;
  if (step === 'organization') {
    return html`<${Gate} title=${t('signin.choose')}><${Refusal} problem=${problem}/>
      <ul class="choices" role="list">
        ${choices.map((one) => html`<li key=${one.slug}>
          <button class="choice-button" disabled=${busy} onClick=${() => enter(one.slug)}><b>${one.name}</b>
            <span class="hint">${one.slug}</span></button></li>`)}</ul>
      <button class="link-button" onClick=${() => setStep('form')}>${t('action.back')}</button><//>`;
  }
  return html`<${Gate} title=${t('signin.title')}>
    ${signedOutBecause.value && !problem && html`<p class="inline-note" role="status">${t(signedOutBecause.value)}</p>`}
    <${Refusal} problem=${problem}/>
    <form class="form" onSubmit=${submit}>
      <${Field} label=${t('signin.email')} name="email" type="email" autocomplete="username" required
          value=${given.email} onInput=${fill} problem=${problem} autofocus/>
      <${Field} label=${t('signin.password')} name="password" type="password" autocomplete="current-password" required
          value=${given.password} onInput=${fill} problem=${problem}/>
      <${Field} label=${t('signin.slug')} name="slug" type="text" autocomplete="organization" autocapitalize="none"
          spellcheck=${false} hint=${t('signin.slug_hint')} value=${given.slug} onInput=${fill} problem=${problem}/>
      <button class="button primary wide" aria-disabled=${busy ? 'true' : null}>${busy ? t('signin.busy') : t('signin.submit')}</button>
      <button type="button" class="link-button" onClick=${() => go('#/forgot')}>${t('signin.forgot')}</button>
    </form>
    ${registration.value === 'open' && html`<p class="gate-foot">${t('signin.new')} <a href="#/register">
      ${t('signin.register')}</a></p>`}<//>`;
}

/** The answer is the same whether the address is known or not. */
function Forgot({ email, onBack }) {
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setProblem(null);
    try {
      await post('/auth/password-reset', { email: form.get('email'), slug: form.get('slug').trim() || undefined },
        { anonymous: true });
      setDone(true);
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  return html`<${Gate} title=${t('forgot.title')}>
    ${done ? html`<p role="status">${t('forgot.sent')}</p>`
      : html`<p>${t('forgot.words')}</p><${Refusal} problem=${problem}/>
      <form class="form" onSubmit=${submit}>
        <${Field} label=${t('signin.email')} name="email" type="email" autocomplete="username" required
            defaultValue=${email} problem=${problem} autofocus/>
        <${Field} label=${t('signin.slug')} name="slug" type="text" hint=${t('signin.slug_hint')} problem=${problem}/>
        <button class="button primary wide">${t('forgot.submit')}</button></form>`}
    <button class="link-button" onClick=${onBack}>${t('action.back')}</button><//>`;
}
