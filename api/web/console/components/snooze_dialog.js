// Until when to put a conversation aside: three usual times, or one's own, in one's own time zone.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, soonTime, t, timeZone } from '../../shared/i18n.js';
import { overlay } from '../commands/registry.js';
import { now } from '../core/clock.js';
import { fromField, toField } from '../core/zone.js';
import { choices, wrong } from '../store/snooze.js';
import { snoozing } from '../store/snoozing.js';
import { Dialog } from './dialog.js';

export function SnoozeDialog() {
  const usual = choices();
  const zone = timeZone.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [own, setOwn] = useState(() => toField(usual.find(({ id }) => id === 'tomorrow').at, timeZone.peek()));
  const [problem, setProblem] = useState(null);
  const close = () => { overlay.value = null; snoozing.value = null; };
  const pick = (at) => {
    const { done } = snoozing.peek() ?? {};
    close();
    done?.(new Date(at).toISOString().replace('.000Z', 'Z'));
  };
  const submit = (event) => {
    event.preventDefault();
    const at = fromField(own, timeZone.peek());
    const reason = wrong(at);
    setProblem(reason);
    if (!reason) pick(at);
  };
  return html`<${Dialog} title=${t('snooze.title')} class="snooze-dialog" onClose=${close}>
    <div class="snooze-choices">${usual.map(({ id, at }, index) => html`<button key=${id} type="button"
        class="choice-line" autofocus=${index === 0} onClick=${() => pick(at)}>
      <${Icon} name="snooze" size=${16}/><span>${t(`snooze.${id}`)}</span>
      <time datetime=${new Date(at).toISOString()} title=${exactTime(at)}>${soonTime(at, now())}</time></button>`)}</div>
    <form class="snooze-own" onSubmit=${submit}>
      <label class="field" for="snooze-own">${t('snooze.own')}</label>
      <input id="snooze-own" type="datetime-local" value=${own} min=${toField(now(), timeZone.peek())}
        aria-invalid=${problem ? 'true' : null} aria-describedby="snooze-notes"
        onInput=${(event) => { setOwn(event.target.value); setProblem(null); }}/>
      <button class="button primary">${t('snooze.do')}</button>
      <p id="snooze-notes" class=${problem ? 'field-wrong' : 'hint'} role=${problem ? 'alert' : null}>
        ${problem ? t(`snooze.${problem}`) : t('snooze.zone', { zone: zone.replaceAll('_', ' ') })}</p></form>
    <p class="hint">${t('snooze.back')}</p>
  <//>`;
}
