// The channels: their health, and the snippet that puts a web chat on a page.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, t } from '../../shared/i18n.js';
import { channels, refreshChannels } from '../store/directory.js';
import { Refusal } from '../components/field.js';
import { channelIcon, channelName } from '../components/avatar.js';

export function Channels() {
  const [problem, setProblem] = useState(null);
  useEffect(() => { refreshChannels().then(() => setProblem(null), setProblem); }, []);
  return html`<h2>${t('settings.channels')}</h2><${Refusal} problem=${problem}/>
    ${channels.value.length === 0 && !problem && html`<p class="hint">${t('channels.none')}</p>`}
    <ul class="channels" role="list">${channels.value.map((channel) => html`<li key=${channel.id} class="channel-card">
      <header><${Icon} name=${channelIcon(channel.kind)} size=${24}/><div><strong>${channel.name}</strong>
        <span class="hint">${channelName(channel.kind)}</span></div><${Health} channel=${channel}/></header>
      ${channel.health?.last_inbound_at &&
        html`<p class="hint">${t('channels.last_inbound')} <time title=${exactTime(channel.health.last_inbound_at)}>
          ${shortDate(channel.health.last_inbound_at)}</time></p>`}
      ${channel.webhook_url && html`<${Snippet} label=${t('channels.webhook')} text=${channel.webhook_url}/>`}
      ${channel.kind === 'webchat' &&
        html`<${Snippet} label=${t('channels.snippet')}
            text=${`<script src="${location.origin}/widget.js" data-channel="${channel.id}" async></script>`}/>`}
    </li>`)}</ul>`;
}

function Health({ channel }) {
  const status = channel.state === 'paused' ? 'paused' : channel.health?.status ?? 'unknown';
  return html`<span class=${`health ${status}`} title=${channel.health?.detail ?? ''}>${t(`health.${status}`)}</span>`;
}

function Snippet({ label, text }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => { await navigator.clipboard.writeText(text); setCopied(true); setTimeout(() => setCopied(false), 1500); };
  return html`<figure class="snippet"><figcaption>${label}</figcaption><code tabindex="0">${text}</code>
    <button class="button small" onClick=${copy}><${Icon} name=${copied ? 'check' : 'copy'} size=${16}/>
      ${copied ? t('message.copied') : t('message.copy')}</button></figure>`;
}
