// Connecting a WhatsApp number, first half: what is needed, its ids, its secrets; then the channel is made.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { go } from '../core/router.js';
import { refreshChannels } from '../store/directory.js';
import { Text } from './fields.js';
import { Sheet, useForm, wrongAt } from './form.js';
import { Secret } from './new_password.js';
import { Head, Part } from './page.js';
import { Clicks, Steps, WHATSAPP_STEPS } from './steps.js';
import { freshToken, keepToken } from './verify_token.js';

const LIST = '#/settings/channels';
const START = { name: 'WhatsApp', 'settings/phone_number_id': '', 'settings/waba_id': '',
  'settings/display_phone_number': '', 'credentials/access_token': '', 'credentials/app_secret': '' };
const ON_IDS = ['name', 'settings/phone_number_id', 'settings/waba_id', 'settings/display_phone_number'];

export function ConnectWhatsApp() {
  const [at, setAt] = useState(0);
  let made = null;
  const form = useForm(START, async (_, values) => {
    const verify = freshToken();
    try {
      made = await post('/channels', bodyOf(values, verify));
    } catch (problem) {
      // What was refused may stand on a step before this one.
      const early = ON_IDS.some((name) => wrongAt(problem, name)) || problem.code === 'channel_connected';
      if (early) setAt(1);
      throw problem;
    }
    keepToken(made.id, verify);
    refreshChannels();
  }, { done: () => go(`${LIST}/${made.id}/webhook`) });
  const missing = !form.values['settings/phone_number_id'].trim();
  const next = (event) => {
    if (at === 2) { form.submit(event); return; }
    event.preventDefault();
    if (at === 1 && missing) { event.target.querySelector('[name="settings/phone_number_id"]').focus(); return; }
    setAt(at + 1);
  };
  return html`<${Head} title=${t('channels.add_whatsapp')} back=${[LIST, t('place.channels')]}/>
    <${Steps} names=${WHATSAPP_STEPS} at=${at}/>
    <${Part} title=${t(WHATSAPP_STEPS[at])}><${Sheet} form=${{ ...form, submit: next }} foot=${html`<${Foot} at=${at}
        back=${() => setAt(at - 1)} busy=${form.phase === 'saving'}/>`}>
      ${at === 0 && html`<${Need}/>`}${at === 1 && html`<${Ids} form=${form}/>`}
      ${at === 2 && html`<${Secrets} form=${form}/>`}<//><//>`;
}

function bodyOf(values, verify) {
  const of = (prefix) => Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value.trim()]));
  return { kind: 'whatsapp_business', name: values.name.trim(), settings: of('settings/'),
    credentials: { ...of('credentials/'), verify_token: verify } };
}

function Foot({ at, back, busy }) {
  return html`<div class="save-line">
    <button class="button primary" aria-disabled=${busy ? 'true' : null}>
      ${busy ? t('form.saving') : t(at === 2 ? 'wa.connect' : 'form.next')}</button>
    ${at > 0 ? html`<button type="button" class="button" onClick=${back}>${t('action.back')}</button>`
      : html`<a class="button" href=${LIST}>${t('action.cancel')}</a>`}</div>`;
}

function Need() {
  return html`<ul class="needs" role="list">${['account', 'number', 'app', 'payment'].map((one) => html`<li key=${one}>
      <${Icon} name="check" size=${16}/><div><strong>${t(`wa.need_${one}`)}</strong>
        <span class="hint">${t(`wa.need_${one}_words`)}</span></div></li>`)}</ul>
    <p class="hint">${t('wa.need_time')}</p>`;
}

function Ids({ form }) {
  return html`<${Clicks} keys=${['wa.ids_1', 'wa.ids_2', 'wa.ids_3']}/>
    <div class="two-up">
      <${Text} form=${form} name="settings/phone_number_id" label=${t('wa.phone_number_id')} hint=${t('wa.phone_number_id_hint')}
          inputmode="numeric" autocomplete="off" required autofocus/>
      <${Text} form=${form} name="settings/waba_id" label=${t('wa.waba_id')} hint=${t('wa.waba_id_hint')} inputmode="numeric"
          autocomplete="off"/>
      <${Text} form=${form} name="settings/display_phone_number" label=${t('wa.display_number')} hint=${t('wa.display_number_hint')}
          inputmode="tel" autocomplete="off"/>
      <${Text} form=${form} name="name" label=${t('wa.name')} hint=${t('wa.name_hint')} maxlength="100" autocomplete="off"/></div>`;
}

function Secrets({ form }) {
  return html`<${Clicks} keys=${['wa.secrets_1', 'wa.secrets_2', 'wa.secrets_3']}/>
    <${Secret} form=${form} name="credentials/access_token" label=${t('wa.access_token')} hint=${t('wa.access_token_hint')}
        autocomplete="off" autofocus/>
    <${Secret} form=${form} name="credentials/app_secret" label=${t('wa.app_secret')} hint=${t('wa.app_secret_hint')}
        autocomplete="off"/>
    <p class="hint">${t('wa.secrets_kept')}</p>`;
}
