// What there was with this contact before and elsewhere: each engagement leads to its conversation.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, shortDate, t } from '../../shared/i18n.js';
import { get } from '../core/api.js';
import { inboxHash } from '../core/router.js';
import { rowSignal } from '../store/rows.js';
import { channelIcon, channelName } from '../components/avatar.js';

const SHOWN = 5;

export function Previous({ id, contact }) {
  const [answer, setAnswer] = useState({ results: null, problem: null });
  const [all, setAll] = useState(false);
  const status = rowSignal(id).value?.status;
  useEffect(() => {
    let gone = false;
    get(`/contacts/${contact.id}/conversations`).then(
      ({ results }) => { if (!gone) setAnswer({ results, problem: null }); },
      (problem) => { if (!gone) setAnswer({ results: null, problem }); },
    );
    return () => { gone = true; };
  }, [contact.id, status]);
  const lines = (answer.results ?? []).flatMap((one) => one.engagements.map((engagement) => ({ one, engagement })))
    .filter(({ one, engagement }) => one.id !== id || engagement.closed_at)
    .sort((a, b) => (a.engagement.opened_at < b.engagement.opened_at ? 1 : -1));
  return html`<section class="panel-part"><h3>${t('panel.previous')}</h3>
    ${answer.problem && html`<p class="hint" role="alert">${answer.problem.message}</p>`}
    ${answer.results && lines.length === 0 && html`<p class="hint">${t('panel.no_previous')}</p>`}
    <ul class="previous" role="list">${lines.slice(0, all ? undefined : SHOWN).map((line) => html`<${Line}
        key=${`${line.one.id}-${line.engagement.number}`} ...${line} here=${line.one.id === id}/>`)}</ul>
    ${lines.length > SHOWN && !all && html`<button type="button" class="button small" onClick=${() => setAll(true)}>
      ${t('panel.all_previous', { count: lines.length })}</button>`}</section>`;
}

function Line({ one, engagement, here }) {
  const { number, opened_at: opened, closed_at: closed, disposition, assignee } = engagement;
  const words = html`<${Icon} name=${channelIcon(one.channel.kind)} size=${16} label=${channelName(one.channel.kind)}/>
    <span class="previous-words"><b>${t('panel.engagement', { number: String(number) })}</b>
      <time datetime=${opened} title=${exactTime(opened)}>${shortDate(opened)}</time>
      <span class="hint">${[one.channel.name, assignee?.name, disposition, closed ? '' : t('panel.open_now')]
        .filter(Boolean).join(' · ')}</span></span>`;
  if (here) return html`<li class="previous-line">${words}</li>`;
  return html`<li><a class="previous-line" href=${inboxHash(one.status === 'closed' ? 'closed' : 'all', one.id)}>
    ${words}</a></li>`;
}
