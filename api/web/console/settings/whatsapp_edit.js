// A connected WhatsApp number: how it does, its ids, new secrets in the place of old ones, and its state.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { patch } from '../core/api.js';
import { departments, refreshChannels } from '../store/directory.js';
import { may } from '../store/session.js';
import { HealthPart, StatePart } from './channel_health.js';
import { Select, Text } from './fields.js';
import { Sheet, useForm } from './form.js';
import { Secret } from './new_password.js';
import { Copied, Head, Part } from './page.js';

const SETTINGS = ['phone_number_id', 'waba_id', 'display_phone_number', 'graph_version'];
const SECRETS = ['access_token', 'app_secret'];

export function EditWhatsApp({ channel, put }) {
  const locked = !may('channel:manage');
  const base = `#/settings/channels/${channel.id}`;
  return html`<${Head} title=${channel.name} back=${['#/settings/channels', t('place.channels')]}
      intro=${locked ? t('form.read_only') : undefined}>
      ${!locked && html`<a class="button" href=${`${base}/test`}>${t('wa.send_test')}</a>`}<//>
    <${HealthPart} channel=${channel} put=${put} locked=${locked} checks=${true}/>
    <${Facts} channel=${channel} put=${put} locked=${locked}/>
    ${!locked && html`<${Secrets} channel=${channel} put=${put}/>
      <${Part} title=${t('wa.step_webhook')}><${Copied} label=${t('wa.webhook_url')} text=${channel.webhook_url}/>
        <div class="set-line start"><a class="button" href=${`${base}/webhook`}>${t('wa.webhook_again')}</a></div><//>
      <${StatePart} channel=${channel} put=${put}/>`}`;
}

function Facts({ channel, put, locked }) {
  const pick = (one) => ({ name: one.name, department_id: one.department_id ?? '',
    ...Object.fromEntries(SETTINGS.map((key) => [`settings/${key}`, one.settings[key] ?? ''])) });
  const form = useForm(pick(channel), async (changes) => {
    const body = {};
    for (const [name, value] of Object.entries(changes)) {
      if (name.startsWith('settings/')) (body.settings ??= {})[name.slice(9)] = value.trim();
      else body[name] = name === 'department_id' ? value || null : value;
    }
    const now = await patch(`/channels/${channel.id}`, body);
    put(now);
    refreshChannels();
    return pick(now);
  }, { locked });
  return html`<${Part} title=${t('wa.number')}><${Sheet} form=${form}>
    <div class="two-up"><${Text} form=${form} name="name" label=${t('wa.name')} hint=${t('wa.name_hint')} maxlength="100"/>
      <${Text} form=${form} name="settings/display_phone_number" label=${t('wa.display_number')} hint=${t('wa.display_number_hint')}/>
      <${Text} form=${form} name="settings/phone_number_id" label=${t('wa.phone_number_id')} inputmode="numeric"/>
      <${Text} form=${form} name="settings/waba_id" label=${t('wa.waba_id')} inputmode="numeric"/>
      <${Text} form=${form} name="settings/graph_version" label=${t('wa.graph_version')} hint=${t('wa.graph_version_hint')}/>
      ${departments.value.length > 0 && html`<${Select} form=${form} name="department_id" label=${t('channels.department')}
        options=${[['', t('channels.no_department')], ...departments.value.map((one) => [one.id, one.name])]}/>`}</div><//><//>`;
}

/** Kept secrets never come back: an empty field leaves the one that is set as it is. */
function Secrets({ channel, put }) {
  const empty = Object.fromEntries(SECRETS.map((key) => [`credentials/${key}`, '']));
  const form = useForm(empty, async (changes) => {
    const credentials = Object.fromEntries(Object.entries(changes).filter(([, value]) => value.trim())
      .map(([name, value]) => [name.slice(12), value.trim()]));
    put(await patch(`/channels/${channel.id}`, { credentials }));
    return empty;
  });
  return html`<${Part} title=${t('wa.step_secrets')} intro=${t('wa.secrets_kept')}><${Sheet} form=${form}>
    ${SECRETS.map((key) => html`<${Secret} key=${key} form=${form} name=${`credentials/${key}`} label=${t(`wa.${key}`)}
        autocomplete="off" hint=${t(channel.credentials_set.includes(key) ? 'wa.is_set' : 'wa.not_set')}/>`)}<//><//>`;
}
