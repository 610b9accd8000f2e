// One conversation in the list: who, where, the last words, how long they wait, whose it is.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, listTime, soonTime, span, t } from '../../shared/i18n.js';
import { memo } from '../../shared/memo.js';
import { beat, now, secondsSince } from '../core/clock.js';
import { inboxHash } from '../core/router.js';
import { belongs } from '../store/filters.js';
import { rowSignal, unreadOf } from '../store/rows.js';
import { flip } from '../store/selection.js';
import { me } from '../store/session.js';
import { typing } from '../store/typing.js';
import { marked } from '../store/words.js';
import { Avatar, channelName, contactName, initials } from './avatar.js';
import { Snippet } from './snippet.js';
import { StateMark } from './ticks.js';

/** Pixels; the stylesheet's .row has the same. */
export const ROW_HEIGHT = 88;
/** Seconds in which a waiting customer should hear from us. */
const WAIT_TARGET = 10 * 60;

/**
 * `index` and `total` place it in the window of a list; without them it stands where it is put. `q` marks words of a search,
 * `refusal` says why the last act on many failed here.
 */
export const Row = memo(({ id, index, total, view, query, open, stop, picked = false, refusal, q }) => {
  const row = rowSignal(id).value;
  if (!row) return null;
  const unread = unreadOf(id);
  const name = contactName(row.contact);
  const left = q === undefined && !belongs(row);
  beat.value;
  return html`<li class=${`row-place ${picked ? 'picked' : ''}`} role="listitem" aria-setsize=${total ?? null}
      aria-posinset=${total ? index + 1 : null} style=${total ? { top: `${index * ROW_HEIGHT}px` } : null}>
    <a class=${`row ${unread ? 'unread' : ''} ${left ? 'left' : ''}`} data-row=${id} data-result="true"
      href=${inboxHash(view, id, null, query)} aria-current=${open ? 'true' : null} tabindex=${stop ? 0 : -1}>
      <${Avatar} name=${name} channel=${row.channel.kind}/>
      <span class="row-name"><${Snippet} text=${q ? marked(name, q) : name}/><span class="sr-only">,
        ${channelName(row.channel.kind)}${picked && `, ${t('row.picked')}`}</span></span>
      <time class="row-time" datetime=${row.last_activity_at} title=${exactTime(row.last_activity_at)}>
        ${listTime(row.last_activity_at, now())}</time>
      <span class="row-words">${refusal ? html`<span class="row-refusal" title=${refusal}><${Icon} name="alert" size=${16}/><span>
        ${refusal}</span></span>` : html`<${LastWords} row=${row}/>`}</span>
      ${unread > 0 && html`<span class="row-unread"><span aria-hidden="true">${unread > 99 ? '99+' : unread}</span>
        <span class="sr-only">${t('row.unread', { count: unread })}</span></span>`}
      <span class="row-foot">${row.snoozed_until ? html`<${Snoozed} until=${row.snoozed_until}/>`
        : html`<${Waiting} since=${row.status === 'open' ? row.waiting_since : null}/>`}
        ${q && marked(row.contact.handle ?? '', q).includes('\ue000') && html`<span class="row-handle">
          <${Snippet} text=${marked(row.contact.handle, q)}/></span>`}
        ${row.tags.slice(0, 1).map((tag) => html`<span class="tag" key=${tag.id}>
          <${Snippet} text=${q ? marked(tag.name, q) : tag.name}/></span>`)}
        ${row.tags.length > 1 && html`<span class="tag more"
            title=${row.tags.map((tag) => tag.name).join(', ')}>+${row.tags.length - 1}</span>`}
        ${row.status === 'closed' && html`<span class="tag more">${t('row.closed')}</span>`}
        ${row.assignee && html`<span class="row-owner" title=${row.assignee.name}><span class="sr-only">
          ${t('row.owner', { name: row.assignee.name })}</span><span aria-hidden="true">
            ${initials(row.assignee.name)}</span></span>`}</span>
    </a>
    ${q === undefined && html`<label class="row-pick"><input type="checkbox" tabindex="-1" checked=${picked}
      onChange=${() => flip(id)}/><span class="sr-only">${t('row.pick', { name })}</span></label>`}</li>`;
});

function Snoozed({ until }) {
  return html`<span class="snoozed" title=${exactTime(until)}><${Icon} name="snooze" size=${16}/><span class="sr-only">
    ${t('row.snoozed')}</span>${soonTime(until, now())}</span>`;
}

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

