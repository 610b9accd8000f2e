// What an owner sees before anybody can write: three steps to being open.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { me, may } from '../store/session.js';
import { channelName } from '../components/avatar.js';

export function FirstRun() {
  const first = me.value.name.split(/\s+/)[0];
  return html`<div class="first-run"><div><h2>${t('first.title', { name: first })}</h2><p>${t('first.words')}</p></div>
    <ol><${Step} n=${1} title=${t('first.channel')}><p class="hint">${t('first.webchat_words')}</p>
        <div class="first-acts"><a class="button primary" href="#/settings/channels/new/webchat">
            <${Icon} name="webchat" size=${16}/>${channelName('webchat')}</a>
          <a class="button" href="#/settings/channels/new/whatsapp"><${Icon} name="whatsapp" size=${16}/>
            ${channelName('whatsapp_business')}</a></div><//>
      ${may('organization:manage') && html`<${Step} n=${2} title=${t('first.look')}>
        <a href="#/settings/appearance">${t('place.appearance')}</a><//>`}
      ${may('user:manage') && html`<${Step} n=${3} title=${t('first.invite')}><p class="hint">${t('first.invite_words')}</p>
        <a href="#/settings/users/new">${t('users.invite')}</a><//>`}</ol></div>`;
}

function Step({ n, title, children }) {
  return html`<li><span class="step-mark" aria-hidden="true">${n}</span><div><strong>${title}</strong>${children}</div></li>`;
}
