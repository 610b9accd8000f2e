// The truth about a delivery in one mark; pressing it shows every step of it.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, has, stepTime, t } from '../../shared/i18n.js';
import { get } from '../core/api.js';
import { connection } from '../core/wire.js';
import { inOrder } from '../store/timeline.js';
import { Dialog } from './dialog.js';

const ICONS = { queued: 'clock', sending: 'clock', sent: 'check', delivered: 'checks', read: 'checks', failed: 'alert',
  uncertain: 'help' };

export function StateMark({ state, size = 16 }) {
  if (!ICONS[state]) return null;
  return html`<span class=${`state ${state}`}><${Icon} name=${ICONS[state]} size=${size} label=${t(`state.${state}`)}/>
    </span>`;
}

export function Ticks({ message }) {
  const [open, setOpen] = useState(false);
  const { state } = message;
  if (!ICONS[state] || message.note) return null;
  if (message.local && !message.id) {
    const waiting = connection.value.state === 'live' ? state : 'waiting';
    return html`<span class=${`ticks ${state}`} title=${t(`state.${waiting}`)}>
      <${Icon} name=${ICONS[state]} size=${16} label=${t(`state.${waiting}`)}/></span>`;
  }
  const label = t('ticks.label', { state: t(`state.${state}`) });
  return html`<button type="button" class=${`ticks ${state}`} aria-label=${label}
      title=${message.state_at ? `${t(`state.${state}`)} · ${exactTime(message.state_at)}` : label}
      onClick=${() => setOpen(true)}><${Icon} name=${ICONS[state]} size=${16}/></button>
    ${open && html`<${Timeline} message=${message} onClose=${() => setOpen(false)}/>`}`;
}

function Timeline({ message, onClose }) {
  const [answer, setAnswer] = useState({ steps: null, problem: null });
  useEffect(() => {
    get(`/conversations/${message.conversation_id}/messages/${message.id}`).then(
      (full) => setAnswer({ steps: inOrder(full.timeline ?? []), problem: null }),
      (problem) => setAnswer({ steps: null, problem }),
    );
  }, [message.id, message.state]);
  return html`<${Dialog} title=${t('ticks.title')} onClose=${onClose}>
    ${answer.problem && html`<p class="inline-problem" role="alert">${answer.problem.message}</p>`}
    ${!answer.steps && !answer.problem && html`<p role="status">${t('state.loading')}</p>`}
    ${answer.steps?.length === 0 && html`<p>${t('ticks.none')}</p>`}
    ${answer.steps && html`<ol class="timeline">
      ${answer.steps.map((step, index) => html`<li key=${index} class=${step.state}>
      <${StateMark} state=${step.state}/><div><strong>${t(`state.${step.state}`)}</strong>
      ${step.source && html`<span class="timeline-source">
        ${has(`source.${step.source}`) ? t(`source.${step.source}`) : step.source}</span>`}
      ${(step.detail || step.code) && html`<p>${[step.code, step.detail].filter(Boolean).join(' · ')}</p>`}</div>
      <time datetime=${step.at} title=${exactTime(step.at)}>${stepTime(step.at)}</time></li>`)}</ol>`}
  <//>`;
}
