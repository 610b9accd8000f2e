// The secret with which a website vouches for its visitors: made here, shown once, replaced or taken away.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { patch } from '../core/api.js';
import { Confirm, Copied, Part } from './page.js';

const NAME = 'identity_secret';

export function Identity({ channel, put }) {
  const [shown, setShown] = useState(null);
  const [asking, setAsking] = useState(null);
  const isSet = channel.credentials_set.includes(NAME);
  const keep = async (secret) => {
    put(await patch(`/channels/${channel.id}`, { credentials: { [NAME]: secret } }));
    setShown(secret || null);
  };
  return html`<${Part} title=${t('identity.title')} intro=${t('identity.words')} name="identity">
    ${shown && html`<${Copied} label=${t('identity.secret')} text=${shown}/><p class="hint">${t('identity.once')}</p>`}
    <div class="set-line"><p>${t(isSet ? 'identity.on' : 'identity.off')}</p><span class="set-acts">
      <button type="button" class="button" onClick=${() => setAsking('make')}>${t(isSet ? 'identity.renew' : 'identity.make')}</button>
      ${isSet && html`<button type="button" class="button bad" onClick=${() => setAsking('drop')}>${t('identity.drop')}</button>`}
    </span></div>
    ${asking === 'make' && html`<${Confirm} kind="primary" title=${t(isSet ? 'identity.renew' : 'identity.make')}
        label=${t(isSet ? 'identity.renew' : 'identity.make')} words=${t(isSet ? 'identity.renew_words' : 'identity.make_words')}
        act=${() => keep(fresh())} onClose=${() => setAsking(null)}/>`}
    ${asking === 'drop' && html`<${Confirm} title=${t('identity.drop')} label=${t('identity.drop')} words=${t('identity.drop_words')}
        act=${() => keep('')} onClose=${() => setAsking(null)}/>`}<//>`;
}

/** 256 bits, as HS256 wants. */
function fresh() {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
