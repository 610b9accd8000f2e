// The channels we are reached on: how each does, and the way to open, connect and try one.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, t } from '../../shared/i18n.js';
import { get } from '../core/api.js';
import { route } from '../core/router.js';
import { may } from '../store/session.js';
import { channelIcon, channelName } from '../components/avatar.js';
import { ChooseChannel } from './channel_new.js';
import { Empty, Head, Loaded, Part, useLoad } from './page.js';
import { EditWebchat } from './webchat_edit.js';
import { NewWebchat } from './webchat_new.js';
import { EditWhatsApp } from './whatsapp_edit.js';
import { ConnectWhatsApp } from './whatsapp_connect.js';
import { FinishWhatsApp } from './whatsapp_finish.js';

const LIST = '#/settings/channels';
const FINISHING = ['webhook', 'check', 'test'];

export function Page() {
  const { id, step } = route.value;
  if (id === 'new' && may('channel:manage')) {
    if (step === 'whatsapp') return html`<${ConnectWhatsApp}/>`;
    return step === 'webchat' ? html`<${NewWebchat}/>` : html`<${ChooseChannel}/>`;
  }
  return id ? html`<${One} key=${id} id=${id} step=${step}/>` : html`<${All}/>`;
}

function One({ id, step }) {
  const load = useLoad(() => get(`/channels/${id}`), [id]);
  if (load.data === null) return html`<${Head} title=${t('channels.one')} back=${[LIST, t('place.channels')]}/>
    <${Loaded} load=${load} lines=${6}/>`;
  const more = { channel: load.data, put: load.put, step };
  if (load.data.kind === 'webchat') return html`<${EditWebchat} ...${more}/>`;
  return FINISHING.includes(step) && may('channel:manage') ? html`<${FinishWhatsApp} ...${more}/>`
    : html`<${EditWhatsApp} ...${more}/>`;
}

function All() {
  const load = useLoad(async () => (await get('/channels', { page_size: 100 })).results);
  const manages = may('channel:manage');
  const add = manages && html`<a class="button primary" href=${`${LIST}/new`}><${Icon} name="plus" size=${16}/>
    ${t('channels.add')}</a>`;
  return html`<${Head} title=${t('place.channels')} intro=${t('channels.intro')}>${load.data?.length > 0 && add}<//>
    <${Part}><${Loaded} load=${load}>${(all) => (all.length === 0
      ? html`<${Empty} icon="channel" title=${t('channels.none')}>
          <p class="hint">${t(manages ? 'channels.none_hint' : 'channels.none_ask')}</p>${add}<//>`
      : html`<ul class="set-list" role="list">${all.map((one) => html`<${Row} key=${one.id} channel=${one}/>`)}</ul>`)}
    <//><//>`;
}

function Row({ channel }) {
  const at = channel.health?.last_inbound_at;
  return html`<li class="set-row"><${Icon} name=${channelIcon(channel.kind)} size=${24}/>
    <div class="set-row-main"><a class="set-row-link" href=${`${LIST}/${channel.id}`}>${channel.name}</a>
      <span class="hint">${channelName(channel.kind)} · ${at ? html`${t('channels.last_inbound')}
        ${' '}<time title=${exactTime(at)}>${shortDate(at)}</time>` : t('channels.no_inbound')}</span></div>
    <span class="set-row-marks"><${Health} channel=${channel}/></span><${Icon} name="back" size=${16} class="flip"/></li>`;
}

export function Health({ channel }) {
  const told = channel.health?.status ?? 'unknown';
  // A web chat has nobody behind it who could be asked.
  const status = channel.state === 'paused' ? 'paused' : told === 'unknown' && channel.kind === 'webchat' ? 'ready' : told;
  return html`<span class=${`health ${status}`} title=${channel.health?.detail ?? null}>${t(`health.${status}`)}</span>`;
}
