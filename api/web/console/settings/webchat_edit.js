// A web chat: its look beside itself, what it asks, where it may stand, and the snippet that puts it there.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { patch } from '../core/api.js';
import { departments, refreshChannels } from '../store/directory.js';
import { may, me } from '../store/session.js';
import { HealthPart, StatePart } from './channel_health.js';
import { Colour, isColour, Readable } from './colour.js';
import { Area, languages, Radios, Select, Switch, Text } from './fields.js';
import { SaveLine, Sheet, useForm } from './form.js';
import { Hours } from './hours.js';
import { Identity } from './webchat_identity.js';
import { Origins } from './origins.js';
import { Copied, Head, Part } from './page.js';
import { PickMany } from './pick_many.js';
import { WidgetPreview } from './widget_preview.js';

const S = 'settings/';
const LAUNCHER = { position: 'right', label: '' };
const PRE_CHAT = { ask_name: false, ask_email: false, required: false };
/** What a form holds when the server has nothing under it. */
const EMPTY = { color: '', greeting: '', allowed_origins: [], launcher: LAUNCHER, pre_chat: PRE_CHAT, hours: null,
  reply_time: '', share_page: 'never', languages: [] };
/** These say "not set" with null, fields with an empty text. */
const NULLABLE = ['color', 'reply_time'];

export function EditWebchat({ channel, put, step }) {
  const locked = !may('channel:manage');
  return html`<${Head} title=${channel.name} back=${['#/settings/channels', t('place.channels')]}
      intro=${locked ? t('form.read_only') : undefined}/>
    ${step === 'install' && html`<p class="inline-good" role="status"><${Icon} name="check" size=${16}/>
      ${t('webchat.made')}</p>`}
    ${!locked && html`<${Install} channel=${channel}/>`}
    <${Look} channel=${channel} put=${put} locked=${locked}/>
    <${HealthPart} channel=${channel} put=${put} locked=${locked}/>
    ${!locked && html`<${Identity} channel=${channel} put=${put}/><${StatePart} channel=${channel} put=${put}/>`}`;
}

function Install({ channel }) {
  const snippet = `<script src="${location.origin}/widget.js" data-channel="${channel.id}" async></script>`;
  return html`<${Part} title=${t('webchat.install')} intro=${t('webchat.install_words')} name="install">
    <${Copied} label=${t('webchat.snippet')} text=${snippet}/>
    <div class="set-line start"><a class="button" href=${`/web/console/settings/try.html?channel=${channel.id}`}
        target="_blank" rel="noopener"><${Icon} name="webchat" size=${16}/>${t('webchat.try')}</a>
      <span class="hint">${t('webchat.try_words')}</span></div><//>`;
}

function Look({ channel, put, locked }) {
  const pick = (one) => Object.fromEntries([['name', one.name], ['department_id', one.department_id ?? ''],
    ...Object.keys(EMPTY).map((key) => [S + key, one.settings[key] ?? EMPTY[key]])]);
  const form = useForm(pick(channel), async (changes) => {
    const now = await patch(`/channels/${channel.id}`, sent(changes));
    put(now);
    refreshChannels();
    return pick(now);
  }, { locked });
  const { values } = form;
  const { organization } = me.value;
  const accent = organization.appearance?.accent ?? '#2563eb';
  const colour = isColour(values[`${S}color`]) ? values[`${S}color`] : accent;
  return html`<${Sheet} form=${form} foot=${html`<div class="sticky-save"><${SaveLine} form=${form}/></div>`}>
    <${Part} title=${t('webchat.look')}><div class="with-preview"><div class="form">
      <${Text} form=${form} name="name" label=${t('webchat.name')} hint=${t('webchat.name_hint')} maxlength="100"/>
      <${Colour} form=${form} name=${`${S}color`} label=${t('webchat.colour')} hint=${t('webchat.colour_hint')}
          fallback=${accent}/><${Readable} colour=${colour}/>
      <${Area} form=${form} name=${`${S}greeting`} label=${t('webchat.greeting')} hint=${t('webchat.greeting_hint')}
          rows=${3} maxlength="500"/>
      <${Launcher} form=${form} locked=${locked}/></div>
      <${WidgetPreview} channel=${{ name: values.name, color: colour, greeting: values[`${S}greeting`],
        logo_url: organization.appearance?.logo_url, launcher: values[`${S}launcher`], pre_chat: values[`${S}pre_chat`],
        reply_time: values[`${S}reply_time`] }}/></div><//>
    <${Part} title=${t('webchat.pre_chat')} intro=${t('webchat.pre_chat_words')}>
      <${PreChat} form=${form} locked=${locked}/><//>
    <${Part} title=${t('webchat.times')} intro=${t('webchat.times_words')}>
      <${Select} form=${form} name=${`${S}reply_time`} label=${t('webchat.reply_time')}
          options=${['', 'minutes', 'hours', 'day'].map((one) => [one, t(`webchat.reply_${one || 'none'}`)])}/>
      <${Hours} form=${form} name=${`${S}hours`} locked=${locked}/><//>
    <${Part} title=${t('webchat.languages')} intro=${t('webchat.languages_words')}>
      <${PickMany} form=${form} name=${`${S}languages`} legend=${t('webchat.languages_which')}
          options=${languages().map(([id, name]) => ({ id, name }))}/><//>
    <${Part} title=${t('webchat.where')} intro=${t('webchat.where_words')}>
      <${Origins} form=${form} name=${`${S}allowed_origins`}/><//>
    <${Part} title=${t('webchat.privacy')}><${Radios} name=${`${S}share_page`} locked=${locked}
        legend=${t('webchat.share_page')} value=${values[`${S}share_page`]}
        onPick=${(one) => form.set(`${S}share_page`, one)}
        options=${['always', 'ask', 'never'].map((one) => [one, t(`webchat.share_${one}`), t(`webchat.share_${one}_hint`)])}/><//>
    ${departments.value.length > 0 && html`<${Part} title=${t('channels.department')} intro=${t('channels.department_words')}>
      <${Select} form=${form} name="department_id" label=${t('channels.department')}
          options=${[['', t('channels.no_department')], ...departments.value.map((one) => [one.id, one.name])]}/><//>`}<//>`;
}

function sent(changes) {
  const settings = {};
  const body = {};
  for (const [name, value] of Object.entries(changes)) {
    if (!name.startsWith(S)) { body[name] = name === 'department_id' ? value || null : value; continue; }
    const key = name.slice(S.length);
    settings[key] = NULLABLE.includes(key) ? value || null : value;
    if (key === 'allowed_origins') settings[key] = value.map((one) => one.trim()).filter(Boolean);
  }
  return Object.keys(settings).length ? { ...body, settings } : body;
}

function Launcher({ form, locked }) {
  const name = `${S}launcher`;
  const now = form.values[name];
  const set = (changes) => form.set(name, { ...now, ...changes });
  return html`<${Radios} name=${name} legend=${t('webchat.position')} value=${now.position} locked=${locked}
      onPick=${(position) => set({ position })}
      options=${['right', 'left'].map((one) => [one, t(`webchat.position_${one}`)])}/>
    <${Text} form=${{ ...form, values: { [`${name}/label`]: now.label ?? '' }, bind: (key) => ({ name: key,
      value: now.label ?? '', problem: form.problem, onInput: (event) => set({ label: event.target.value }) }) }}
      name=${`${name}/label`} label=${t('webchat.label')} hint=${t('webchat.label_hint')} maxlength="30"/>`;
}

function PreChat({ form, locked }) {
  const name = `${S}pre_chat`;
  const now = form.values[name];
  const set = (changes) => form.set(name, { ...now, ...changes });
  const asks = now.ask_name || now.ask_email;
  return html`${['ask_name', 'ask_email'].map((one) => html`<${Switch} key=${one} name=${one} locked=${locked}
      label=${t(`webchat.${one}`)} on=${now[one]} onFlip=${(on) => set({ [one]: on })}/>`)}
    <${Switch} name="required" locked=${locked || !asks} label=${t('webchat.required')} hint=${t('webchat.required_hint')}
        on=${now.required && asks} onFlip=${(required) => set({ required })}/>`;
}
