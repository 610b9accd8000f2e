// The engagement at hand and its clocks.
import { html } from '../../shared/html.js';
import { exactTime, span, t } from '../../shared/i18n.js';
import { secondsSince } from '../core/clock.js';
import { Fact, When } from './fact.js';

export function Engagement({ row, engagement }) {
  if (!engagement) return null;
  const { number, opened_at: opened, accepted_at: accepted, first_reply_at: replied, closed_at: closed } = engagement;
  const gap = (to) => span((Date.parse(to) - Date.parse(opened)) / 1000);
  const after = (at) => (at ? html`<${When} at=${at}/> <span class="hint">${t('engagement.after', { time: gap(at) })}
    </span>` : '—');
  return html`<section class="panel-part"><h3>${t('panel.engagement', { number: String(number) })}</h3>
    <dl class="facts">
      <${Fact} name=${t('engagement.opened')}><${When} at=${opened}/><//>
      <${Fact} name=${t('engagement.accepted')}>${after(accepted)}<//>
      <${Fact} name=${t('engagement.first_reply')}>${after(replied)}<//>
      ${closed ? html`<${Fact} name=${t('engagement.closed')}><${When} at=${closed}/> <span class="hint">
        ${t('engagement.lasted', { time: gap(closed) })}</span><//>`
        : html`<${Fact} name=${t('engagement.running')}><span title=${exactTime(opened)}>
          ${span(secondsSince(opened))}</span><//>`}
      ${!closed && row.waiting_since && html`<${Fact} name=${t('engagement.waiting')}>
        <span title=${exactTime(row.waiting_since)}>${span(secondsSince(row.waiting_since))}</span><//>`}
      ${row.department && html`<${Fact} name=${t('filter.department')}>${row.department.name}<//>`}
      ${engagement.disposition && html`<${Fact} name=${t('engagement.disposition')}>${engagement.disposition}<//>`}
    </dl></section>`;
}
