// Connecting a WhatsApp number, second half: the webhook at Meta, a check of the credentials, a message there and back.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { patch, post, Problem } from '../core/api.js';
import { refreshChannels } from '../store/directory.js';
import { Refusal } from '../components/field.js';
import { Copied, Head, Part } from './page.js';
import { Clicks, Steps, WHATSAPP_STEPS } from './steps.js';
import { freshToken, keepToken, tokenOf } from './verify_token.js';
import { TestMessage } from './whatsapp_test.js';

const STEPS = ['webhook', 'check', 'test'];

export function FinishWhatsApp({ channel, put, step }) {
  const base = `#/settings/channels/${channel.id}`;
  const at = STEPS.indexOf(step) + 3;
  const next = STEPS[STEPS.indexOf(step) + 1];
  const hrefs = [null, null, null, ...STEPS.map((one) => `${base}/${one}`)];
  return html`<${Head} title=${channel.name} back=${[base, t('channels.one')]}/>
    <${Steps} names=${WHATSAPP_STEPS} at=${at} hrefs=${hrefs}/>
    <${Part} title=${t(WHATSAPP_STEPS[at])}>
      ${step === 'webhook' && html`<${Webhook} channel=${channel} put=${put}/>`}
      ${step === 'check' && html`<${Check} channel=${channel} put=${put} base=${base}/>`}
      ${step === 'test' && html`<${TestMessage} channel=${channel}/>`}
      <div class="save-line"><a class="button primary" href=${next ? `${base}/${next}` : base}>
          ${t(next ? 'form.next' : 'action.done')}</a>
        ${next && html`<a class="button" href=${base}>${t('wa.later')}</a>`}</div><//>`;
}

function Webhook({ channel, put }) {
  const [token, setToken] = useState(tokenOf(channel.id));
  const [problem, setProblem] = useState(null);
  const renew = async () => {
    const fresh = freshToken();
    setProblem(null);
    try {
      put(await patch(`/channels/${channel.id}`, { credentials: { verify_token: fresh } }));
      keepToken(channel.id, fresh);
      setToken(fresh);
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(refusal);
    }
  };
  return html`<${Refusal} problem=${problem}/><${Clicks} keys=${['wa.webhook_1', 'wa.webhook_2', 'wa.webhook_3', 'wa.webhook_4']}/>
    <${Copied} label=${t('wa.webhook_url')} text=${channel.webhook_url} name="webhook_url"/>
    ${token ? html`<${Copied} label=${t('wa.verify_token')} text=${token} name="verify_token"/>
        <p class="hint">${t('wa.token_once')}</p>`
      : html`<div class="set-line"><p>${t('wa.token_hidden')}</p><button type="button" class="button" onClick=${renew}>
          ${t('wa.token_new')}</button></div>`}
    ${!channel.webhook_url?.startsWith('https://') && html`<p class="inline-note">${t('wa.needs_https')}</p>`}`;
}

function Check({ channel, put, base }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const [asked, setAsked] = useState(false);
  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      put(await post(`/channels/${channel.id}/check`));
      setAsked(true);
      refreshChannels();
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(refusal);
    }
    setBusy(false);
  };
  const { status, detail } = channel.health ?? {};
  return html`<p>${t('wa.check_words')}</p><${Refusal} problem=${problem}/>
    <div role="status">${status === 'ok' && html`<p class="inline-good"><${Icon} name="check" size=${16}/>
        ${t('wa.check_good')}</p>`}
      ${status === 'failing' && html`<div class="inline-problem"><p><strong>${t('wa.check_bad')}</strong>
        ${detail && html` ${t('channels.says', { detail })}`}</p><p>${t('wa.check_mend')}
        ${' '}<a href=${`${base}?focus=credentials/access_token`}>${t('wa.check_secrets')}</a></p></div>`}
      ${status === 'unknown' && asked && html`<p class="hint">${t('health.unknown')}</p>`}</div>
    <div class="set-line start"><button type="button" class="button" aria-disabled=${busy ? 'true' : null}
        onClick=${() => { if (!busy) run(); }}><${Icon} name="retry" size=${16}/>
      ${t(busy ? 'channels.checking' : 'channels.check')}</button></div>`;
}
