// My own name, language, theme and password.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { LOCALES, locale, t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { load } from '../core/storage.js';
import { notify } from '../store/announce.js';
import { changeProfile, me } from '../store/session.js';
import { Field, Refusal } from '../components/field.js';
import { pickLocale, pickTheme } from '../components/rail.js';

export function Profile() {
  const user = me.value;
  return html`<h2>${t('settings.profile')}</h2>
    <p class="hint">${user.email} · ${t(`role.${user.role}`)} · ${user.organization.name}</p>
    <${Name} user=${user}/>
    <section class="settings-part"><h3>${t('settings.look')}</h3><div class="form two">
      <label class="field">${t('settings.language')}<select value=${locale.value}
          onChange=${(event) => pickLocale(event.target.value)}>
        ${LOCALES.map((tag) => html`<option key=${tag} value=${tag} selected=${tag === locale.value}>
          ${t(`language.${tag}`)}</option>`)}</select></label>
      <label class="field">${t('settings.theme')}<select onChange=${(event) => pickTheme(event.target.value)}>
        ${['system', 'light', 'dark'].map((theme) => html`<option key=${theme} value=${theme}
            selected=${theme === load('theme', 'system')}>${t(`theme.${theme}`)}</option>`)}</select></label>
    </div></section>
    <${Password} user=${user}/>`;
}

function Name({ user }) {
  const [problem, setProblem] = useState(null);
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setProblem(null);
    changeProfile({ name: form.get('name').trim(),
      time_zone: form.get('time_zone') }).then(() => notify(t('settings.saved'), 'good'), setProblem);
  };
  const zones = [...new Set([user.time_zone, ...(Intl.supportedValuesOf?.('timeZone') ?? [])])].filter(Boolean);
  return html`<section class="settings-part"><${Refusal} problem=${problem}/><form class="form two" onSubmit=${submit}>
    <${Field} label=${t('settings.name')} name="name" type="text" required autocomplete="name"
        defaultValue=${user.name} problem=${problem}/>
    <label class="field">${t('settings.time_zone')}<select name="time_zone">
      ${zones.map((zone) => html`<option key=${zone} value=${zone} selected=${zone === user.time_zone}>
        ${zone}</option>`)}</select></label>
    <div class="form-foot start"><button class="button primary">${t('action.save')}</button></div></form></section>`;
}

function Password({ user }) {
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const sheet = event.target;
    const form = new FormData(sheet);
    setProblem(null);
    try {
      await post(`/users/${user.id}/password`,
        { password: form.get('password'), current_password: form.get('current_password') });
      sheet.reset();
      notify(t('settings.password_saved'), 'good');
    } catch (refusal) {
      setProblem(refusal);
    }
  };
  return html`<section class="settings-part"><h3>${t('settings.password')}</h3><${Refusal} problem=${problem}/>
    <form class="form two" onSubmit=${submit}>
      <${Field} label=${t('settings.current_password')} name="current_password" type="password" required
          autocomplete="current-password" problem=${problem}/>
      <${Field} label=${t('settings.new_password')} name="password" type="password" required minlength="8"
          autocomplete="new-password" problem=${problem}/>
      <div class="form-foot start"><button class="button primary">${t('settings.change_password')}</button></div>
        </form></section>`;
}
