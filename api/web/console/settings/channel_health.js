// How a channel does, whether it takes part, and ending it: the same for every kind.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, t } from '../../shared/i18n.js';
import { del, patch, post, Problem } from '../core/api.js';
import { go } from '../core/router.js';
import { notify } from '../store/announce.js';
import { refreshChannels } from '../store/directory.js';
import { Refusal } from '../components/field.js';
import { Fact, Switch } from './fields.js';
import { Confirm, Part } from './page.js';

export function HealthPart({ channel, put, locked, checks }) {
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const { status: told, detail, checked_at: checked, last_inbound_at: inbound } = channel.health ?? {};
  const status = checks || told !== 'unknown' ? told : 'ready';
  const check = async () => {
    setBusy(true);
    setProblem(null);
    try {
      put(await post(`/channels/${channel.id}/check`));
      refreshChannels();
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(refusal);
    }
    setBusy(false);
  };
  return html`<${Part} title=${t('channels.health')}><${Refusal} problem=${problem}/>
    <div class="two-up facts-up">
      <${Fact} label=${t('channels.works')}><span class=${`health ${status ?? 'unknown'}`}>${t(`health.${status ?? 'unknown'}`)}</span>
        ${checked && html`<span class="hint"> ${t('channels.checked')} <time title=${exactTime(checked)}>${shortDate(checked)}</time></span>`}<//>
      <${Fact} label=${t('channels.inbound')}>${inbound ? html`<time title=${exactTime(inbound)}>${shortDate(inbound)}</time>`
        : t('channels.no_inbound')}<//></div>
    ${status === 'failing' && detail && html`<p class="inline-problem" role="status">${t('channels.says', { detail })}</p>`}
    ${!locked && checks && html`<div class="set-line start"><button type="button" class="button"
        aria-disabled=${busy ? 'true' : null} onClick=${() => { if (!busy) check(); }}>
      <${Icon} name="retry" size=${16}/>${t(busy ? 'channels.checking' : 'channels.check')}</button></div>`}<//>`;
}

/** Paused: nothing comes in or goes out, everything stays. Retired: gone from here for good. */
export function StatePart({ channel, put }) {
  const [asking, setAsking] = useState(false);
  const flip = async (active) => {
    const before = channel;
    put({ ...channel, state: active ? 'active' : 'paused' });
    try {
      put(await patch(`/channels/${channel.id}`, { state: active ? 'active' : 'paused' }));
      refreshChannels();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      put(before);
      notify(problem.message);
    }
  };
  const gone = () => {
    notify(t('channels.retired', { name: channel.name }), 'good');
    refreshChannels();
    go('#/settings/channels');
  };
  return html`<${Part} title=${t('channels.state')}>
    <${Switch} name="state" label=${t('channels.active')} hint=${t('channels.active_hint')} on=${channel.state === 'active'}
        onFlip=${flip}/>
    <div class="set-line"><p>${t('channels.retire_words')}</p>
      <button type="button" class="button bad" onClick=${() => setAsking(true)}><${Icon} name="trash" size=${16}/>
        ${t('channels.retire')}</button></div>
    ${asking && html`<${Confirm} title=${t('channels.retire_title', { name: channel.name })} label=${t('channels.retire')}
        words=${t('channels.retire_what')} act=${() => del(`/channels/${channel.id}`)} onClose=${() => setAsking(false)}
        onDone=${gone}/>`}<//>`;
}
