// What happened to a message, step by step, as the hub and the provider told it.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { exactTime, has, stepTime, t } from '../../shared/i18n.js';
import { get } from '../core/api.js';
import { inOrder } from '../store/timeline.js';
import { Dialog } from './dialog.js';
import { StateMark } from './ticks.js';

export function Timeline({ message, onClose }) {
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
