// Which kind of channel to add.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { channelIcon, channelName } from '../components/avatar.js';
import { Head, Part } from './page.js';

const KINDS = [['webchat', 'webchat'], ['whatsapp_business', 'whatsapp']];

export function ChooseChannel() {
  return html`<${Head} title=${t('channels.add')} back=${['#/settings/channels', t('place.channels')]}/>
    <${Part}><ul class="kinds" role="list">${KINDS.map(([kind, path]) => html`<li key=${kind}>
      <a class="kind" href=${`#/settings/channels/new/${path}`}><${Icon} name=${channelIcon(kind)} size=${24}/>
        <strong>${channelName(kind)}</strong><span class="hint">${t(`channels.about_${path}`)}</span>
        <span class="kind-time">${t(`channels.time_${path}`)}</span></a></li>`)}</ul><//>`;
}
