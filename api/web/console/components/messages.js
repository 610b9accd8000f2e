// The window of messages: grows both ways, holds the reading position, stays at the end only when the reader is there.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { signal } from '../../vendor/signals.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { dayName, t } from '../../shared/i18n.js';
import { memo } from '../../shared/memo.js';
import { now } from '../core/clock.js';
import { inboxHash, route } from '../core/router.js';
import { copy } from '../store/clipboard.js';
import { layOut } from '../store/timeline.js';
import { rowSignal } from '../store/rows.js';
import { loadAfter, loadBefore, loadLatest, markRead, shorten } from '../store/threads.js';
import { typing } from '../store/typing.js';
import { Message } from './message.js';
import { ReadingPlace } from './reading_place.js';

export const Messages = memo(({ opened, at }) => {
  const scroller = useRef(null);
  const place = useRef(null);
  place.current ??= new ReadingPlace();
  const [, redraw] = useState(0);
  const pinned = useRef(null);
  pinned.current ??= signal(true);
  const reading = place.current;
  const items = opened.items.value;
  if (scroller.current) reading.notice(scroller.current);
  // Its count of what came in may follow the message itself, and must then be read too.
  rowSignal(opened.id).value;
  const { phase, hasBefore, hasAfter, busy, stale } = opened.state.value;
  const wrote = reading.follow(items);
  const { start, end } = reading.draw(items, opened.unreadFrom.value);
  const drawn = layOut(items.slice(start, end), opened.unreadFrom.value);

  const look = () => {
    reading.look(scroller.current, items, hasAfter);
    pinned.current.value = reading.pinned;
    if (reading.pinned && document.hasFocus() && phase === 'ready') markRead(opened);
    if (reading.pinned) shorten(opened);
    const wish = reading.extend(scroller.current, items);
    if (wish === 'redraw') redraw((n) => n + 1);
    if (wish === 'before') loadBefore(opened);
    if (wish === 'after') loadAfter(opened);
  };
  const latest = useRef(look);
  latest.current = look;
  const toLatest = async () => {
    if (at !== null) location.replace(inboxHash(route.value.view, opened.id));
    if (hasAfter) await loadLatest(opened);
    reading.toLatest();
    redraw((n) => n + 1);
  };
  useEffect(() => { if (wrote && (hasAfter || at !== null)) toLatest(); }, [wrote]);
  useLayoutEffect(() => {
    if (phase !== 'ready') return;
    if (reading.settle(scroller.current, { at, items, unreadFrom: opened.unreadFrom.peek() })) redraw((n) => n + 1);
    else look();
  });
  useEffect(() => {
    const watch = new ResizeObserver(() => {
      if (!scroller.current) return;
      reading.keep(scroller.current);
      latest.current();
    });
    watch.observe(scroller.current);
    watch.observe(scroller.current.firstElementChild);
    const back = () => latest.current();
    addEventListener('focus', back);
    return () => { watch.disconnect(); removeEventListener('focus', back); };
  }, [phase === 'ready']);
  return html`<div class=${`messages-frame ${stale ? 'stale' : ''}`}>
    <div class="messages" ref=${scroller} onScroll=${look} onKeyDown=${enter} tabindex="0" role="region"
        aria-label=${t('thread.messages')} aria-busy=${busy || phase === 'loading' ? 'true' : 'false'}>
      <div class="messages-all">
        ${phase === 'loading' && items.length === 0 && html`<${Skeletons}/>`}
        ${(hasBefore || start > 0) && html`<p class="older">${busy === 'before' ? t('state.loading') : ''}</p>`}
        ${phase === 'ready' && !hasBefore && start === 0 &&
          html`<p class="beginning">${items.length ? t('thread.beginning') : t('thread.no_messages')}</p>`}
        <ol class="message-list" role="list" onKeyDown=${walk}>${drawn.map((item) => {
          if (item.type === 'day') return html`<li class="day" key=${item.key}><span>
            ${dayName(item.at, now())}</span></li>`;
          if (item.type === 'unread') return html`<li class="unread-line" key=${item.key} data-unread="true"><span>
            ${t('thread.unread_line')}</span></li>`;
          return html`<${Message} key=${item.key} id=${item.key} message=${item.message} first=${item.first}
              last=${item.last} opened=${opened}/>`;
        })}</ol>
        <${Writing} id=${opened.id}/>
      </div>
    </div>
    ${phase === 'ready' && html`<${ToLatest} pinned=${pinned.current} hasAfter=${hasAfter} reading=${reading}
        items=${items} onPress=${toLatest}/>`}
  </div>`;
});

/** Whether the end is followed is known after drawing, and must not draw the messages once more. */
function ToLatest({ pinned, hasAfter, reading, items, onPress }) {
  if (pinned.value && !hasAfter) return null;
  const below = reading.newBelow(items);
  return html`<button class="to-latest" onClick=${onPress}><${Icon} name="arrow-down" size=${16}/>
    ${below > 0 ? t('thread.new_below', { count: below }) : t('thread.latest')}</button>`;
}

/** Arrow keys walk from message to message; on one, Enter opens its menu, R answers it, C copies it. */
function walk(event) {
  const here = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || !here.matches('li.message')) return;
  const step = { ArrowUp: 'previousElementSibling', ArrowDown: 'nextElementSibling' }[event.key];
  const act = { Enter: 'more', ContextMenu: 'more', r: 'answer', '+': 'react' }[event.key];
  if (act) { event.preventDefault(); pressIn(here, act); }
  if (event.key === 'c') { event.preventDefault(); copy(here.querySelector('.text')?.textContent ?? ''); }
  if (!step) return;
  event.preventDefault();
  let next = here[step];
  while (next && !next.matches('.message')) next = next[step];
  if (next) next.focus();
  else if (event.key === 'ArrowDown') document.querySelector('#composer-text')?.focus();
}

/** Its acts are fetched with the first message that has the focus, and drawn a moment after it. */
function pressIn(message, act, tries = 60) {
  const button = message.querySelector(`.message-acts [data-act="${act}"]`);
  if (button) button.click();
  else if (tries > 0) requestAnimationFrame(() => pressIn(message, act, tries - 1));
}

/** From the scroller itself the first step goes to the newest message in sight. */
function enter(event) {
  if (event.target !== event.currentTarget || event.key !== 'ArrowUp') return;
  const foot = event.currentTarget.getBoundingClientRect().bottom;
  const last = [...event.currentTarget.querySelectorAll('li.message')]
    .findLast((one) => one.getBoundingClientRect().top < foot);
  if (!last) return;
  event.preventDefault();
  last.focus({ preventScroll: true });
}

function Writing({ id }) {
  const who = typing.value.get(id) ?? [];
  if (who.length === 0) return html`<div class="writing" aria-hidden="true"></div>`;
  const names = who.map((one) => one.name || t('author.customer')).join(', ');
  return html`<div class="writing on"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
    ${t('typing.who', { names, count: who.length })}</div>`;
}

function Skeletons() {
  return html`<div class="message-skeletons" aria-hidden="true">
    ${[60, 40, 75, 30].map((width,
      index) => html`<div key=${index} class=${`skeleton-bubble ${index % 2 ? 'right' : ''} w${width}`}>
        </div>`)}</div>`;
}

