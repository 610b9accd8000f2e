// One conversation in the list: who, where, the last words, how long they wait, whose it is.
import { html } from '../../shared/html.js';
import { exactTime, listTime, span, t } from '../../shared/i18n.js';
import { memo } from '../../shared/memo.js';
import { beat, now, secondsSince } from '../core/clock.js';
import { inboxHash } from '../core/router.js';
import { hasLeft } from '../store/inbox.js';
import { rowSignal, unreadOf } from '../store/rows.js';
import { me } from '../store/session.js';
import { typing } from '../store/typing.js';
import { Avatar, channelName, contactName, initials } from './avatar.js';
import { StateMark } from './ticks.js';

/** Pixels; the stylesheet's .row has the same. */
export const ROW_HEIGHT = 88;
/** Seconds in which a waiting customer should hear from us. */
const WAIT_TARGET = 10 * 60;

export const Row = memo(({ id, index, total, view, open, stop }) => {
  const row = rowSignal(id).value;
  if (!row) return null;
  const unread = unreadOf(id);
  const name = contactName(row.contact);
  beat.value;
  return html`<li class="row-place" role="listitem" aria-setsize=${total} aria-posinset=${index + 1}
      style=${{ top: `${index * ROW_HEIGHT}px` }}>
    <a class=${`row ${unread ? 'unread' : ''} ${hasLeft(row) ? 'left' : ''}`} data-row=${id} href=${inboxHash(view, id)}
      aria-current=${open ? 'true' : null} tabindex=${stop ? 0 : -1}>
      <${Avatar} name=${name} channel=${row.channel.kind}/>
      <span class="row-name">${name}<span class="sr-only">, ${channelName(row.channel.kind)}</span></span>
      <time class="row-time" datetime=${row.last_activity_at} title=${exactTime(row.last_activity_at)}>
        ${listTime(row.last_activity_at, now())}</time>
      <span class="row-words"><${LastWords} row=${row}/></span>
      ${unread > 0 && html`<span class="row-unread"><span aria-hidden="true">${unread > 99 ? '99+' : unread}</span>
        <span class="sr-only">${t('row.unread', { count: unread })}</span></span>`}
      <span class="row-foot"><${Waiting} since=${row.status === 'open' ? row.waiting_since : null}/>
        ${row.tags.slice(0, 1).map((tag) => html`<span class="tag" key=${tag.id}>${tag.name}</span>`)}
        ${row.tags.length > 1 && html`<span class="tag more"
            title=${row.tags.map((tag) => tag.name).join(', ')}>+${row.tags.length - 1}</span>`}
        ${row.status === 'closed' && html`<span class="tag more">${t('row.closed')}</span>`}
        ${row.assignee && html`<span class="row-owner" title=${row.assignee.name}><span class="sr-only">
          ${t('row.owner', { name: row.assignee.name })}</span><span aria-hidden="true">
            ${initials(row.assignee.name)}</span></span>`}</span>
    </a></li>`;
});

function LastWords({ row }) {
  const writing = (typing.value.get(row.id) ?? []).find((who) => who.kind === 'customer');
  if (writing) return html`<em class="row-typing">${t('typing.row')}</em>`;
  const last = row.last_message;
  if (!last) return html`<em>${t('row.no_message')}</em>`;
  const who = whoSaid(last);
  return html`${last.author === 'agent' && html`<${StateMark} state=${last.state} size=${16}/>`}${who &&
    html`<b>${who}: </b>`}${lastWords(last)}`;
}

function whoSaid(last) {
  if (last.author === 'customer' || last.author === 'system') return '';
  if (last.author === 'bot') return last.author_name || t('author.bot');
  return last.author_name && last.author_name !== me.value?.name ? last.author_name.split(' ')[0] : t('author.you');
}

/** One line for a message of any kind. */
export function lastWords({ kind, text, content }) {
  if (text) return text;
  if (kind === 'system') return content?.event ? t(`system.${content.event}_short`) : t('system.changed');
  return t(`kind.${kind}`);
}

/** A bar that fills toward the target and says by its colour when it is past it. */
export function Waiting({ since }) {
  if (!since) return null;
  const seconds = secondsSince(since);
  const share = Math.min(1, seconds / WAIT_TARGET);
  const state = share < 0.5 ? 'good' : share < 1 ? 'wait' : 'bad';
  const label = t('row.waiting', { time: span(seconds) });
  return html`<span class=${`waiting ${state}`} title=${`${label} · ${exactTime(since)}`}>
    <span class="bar" aria-hidden="true"><span class="fill" style=${{ width: `${Math.max(6, share * 100)}%` }}>
      </span></span>
    <span class="sr-only">${label}</span><span class="waiting-time" aria-hidden="true">${span(seconds)}</span></span>`;
}

