// The notices behind the bell, newest first; choosing one goes to its conversation and reads it.
import { useEffect, useRef } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { exactTime, listTime, t } from '../../shared/i18n.js';
import { now } from '../core/clock.js';
import { go, inboxHash } from '../core/router.js';
import { headline, moreNotifications, notifications, readNotifications, refreshNotifications,
  unreadNotices, wordsOf } from '../store/notifications.js';

const ICONS = { mention: 'mention', assigned: 'user', message: 'webchat', reopened: 'retry', unsent: 'alert' };

export function NoticeList({ close }) {
  const { state, items, cursor, problem } = notifications.value;
  const box = useRef(null);
  useEffect(() => { (box.current.querySelector('.notice-line') ?? box.current).focus(); }, [items.length > 0]);
  const walk = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const lines = [...box.current.querySelectorAll('.notice-line')];
    if (!step || lines.length === 0) return;
    event.preventDefault();
    lines[Math.max(0, Math.min(lines.length - 1, lines.indexOf(document.activeElement) + step))].focus();
  };
  return html`<div class="notices-all" tabindex="-1" ref=${box} onKeyDown=${walk}>
    <header class="notices-head"><h2>${t('notice.label')}</h2>
      ${unreadNotices.value > 0 && html`<button type="button" class="button small"
        onClick=${() => readNotifications({ all: true })}>${t('notice.read_all')}</button>`}
      <a class="icon-button small" href="#/settings/notifications" aria-label=${t('notice.settings')}
        title=${t('notice.settings')} onClick=${close}><${Icon} name="settings" size=${16}/></a></header>
    <${Ask}/>
    ${state === 'loading' && html`<div class="skeletons" aria-hidden="true">${[1, 2, 3].map((n) => html`
      <div class="skeleton-row" key=${n}></div>`)}</div>`}
    ${problem && html`<div class="list-empty" role="alert"><p>${problem.message}</p>
      <button type="button" class="button small" onClick=${refreshNotifications}>${t('action.retry')}</button></div>`}
    ${state === 'ready' && items.length === 0 && html`<div class="list-empty" role="status">
      <${Icon} name="bell" size=${24}/><p><strong>${t('notice.none')}</strong></p><p>${t('notice.none_hint')}</p></div>`}
    <ul role="list">${items.map((one) => html`<${Line} key=${one.id} one=${one} close=${close}/>`)}</ul>
    ${cursor && html`<button type="button" class="button small wide" disabled=${state === 'more'}
      onClick=${moreNotifications}>${t('notice.more')}</button>`}</div>`;
}

function Line({ one, close }) {
  const open = () => {
    close();
    if (!one.read_at) readNotifications({ ids: [one.id] });
    go(inboxHash('all', one.conversation_id));
  };
  return html`<li><button type="button" class=${`notice-line ${one.read_at ? '' : 'unread'}`} onClick=${open}>
    <${Icon} name=${ICONS[one.kind] ?? 'bell'} size=${16}/>
    <span class="notice-words"><strong>${headline(one)}</strong>${wordsOf(one) && html`<span>${wordsOf(one)}</span>`}</span>
    <time datetime=${one.created_at} title=${exactTime(one.created_at)}>${listTime(one.created_at, now())}</time>
    ${!one.read_at && html`<span class="sr-only">${t('notice.is_unread')}</span>`}</button></li>`;
}

/** Offered once here, asked only when pressed. */
function Ask() {
  if (!('Notification' in globalThis) || Notification.permission !== 'default') return null;
  const ask = async () => { await Notification.requestPermission(); refreshNotifications(); };
  return html`<div class="notice-ask"><span>${t('notice.ask')}</span>
    <button type="button" class="button small" onClick=${ask}>${t('notice.ask_do')}</button></div>`;
}
