/* The head of the panel: whose chat this is, whether somebody is there, the way out, and what is wrong with the connection. */
import { signal } from '../state.js';
import { soon, t } from '../text.js';
import { html, Icon } from './parts.js';

const HICCUP = 1_500; // ms of lost connection that nobody needs to hear about
const HEALED = 2_500; // ms that the good news stays

export function Header({ chat, more, onMore }) {
  const { logo, ...company } = chat.company.value;
  const name = company.name || t('chat');
  const isOpen = chat.opening.value?.open ?? true;
  const hasMore = chat.canMail() || chat.settings.value?.share_page === 'ask';
  return html`<header>
    <span class="mark" aria-hidden="true">
      ${[...name][0].toLocaleUpperCase()}
      ${logo && html`<img src=${logo} alt="" onError=${(event) => event.target.remove()} />`}
    </span>
    <div class="who">
      <h2>${name}</h2>
      <p>${chat.agentsOnline.value === null ? '' : html`<span class=${`lamp ${isOpen && chat.agentsOnline.value ? 'on' : ''}`}></span><span>${status(chat)}</span>`}</p>
    </div>
    ${hasMore && html`<button type="button" class="tool" aria-label=${t('more')} title=${t('more')} aria-expanded=${more} onClick=${onMore}><${Icon} name="more" /></button>`}
    <button type="button" class="tool" aria-label=${t('close')} title=${t('close')} onClick=${chat.close}><${Icon} name="close" /></button>
  </header>`;
}

/** By the hours when there are any, then by who is there, then by what may be expected. */
function status({ opening, agentsOnline, settings }) {
  const { open = true, opens_at: opens } = opening.value ?? {};
  if (!open) return opens ? t('closed_until', { when: soon(opens) }) : t('closed_now');
  if (agentsOnline.value) return t('online');
  const { reply_time: expected } = settings.value ?? {};
  return t(expected ? `away_${expected}` : 'away');
}

/** Asked before the page is shared, where the company leaves that to the visitor. */
export function Consent({ chat }) {
  if (chat.settings.value?.share_page !== 'ask' || chat.consent.value !== null) return null;
  return html`<div class="notice ask" role="group" aria-label=${t('share_ask')}>
    <span>${t('share_ask')}</span>
    <button type="button" class="link" onClick=${() => chat.agree(true)}>${t('yes')}</button>
    <button type="button" class="link" onClick=${() => chat.agree(false)}>${t('no')}</button>
  </div>`;
}

export function Notice({ chat }) {
  const { notice, hurry } = chat.link;
  const trouble = chat.unavailable.value ? 'unavailable' : notice.value;
  return html`<div role="status">
    ${trouble && html`<p class=${`notice ${trouble}`}>
      <span>${t(trouble)}</span>
      ${trouble === 'lost' && html`<button type="button" class="link" onClick=${hurry}>${t('try_again')}</button>`}
    </p>`}
  </div>`;
}

/** `notice` is a signal of null, "offline", "lost" or "healed". `became(state)` takes the wire's state. */
export function linkState(wire) {
  const notice = signal(null);
  let timer = 0;
  let broken = false;

  function became(state) {
    if (state === 'live') {
      clearTimeout(timer);
      if (notice.value) {
        notice.value = 'healed';
        timer = setTimeout(() => (notice.value = null), HEALED);
      }
      broken = false;
    } else if (state === 'lost') {
      if (notice.value === 'offline' || notice.value === 'lost') notice.value = name();
      if (broken) return;
      broken = true;
      clearTimeout(timer);
      timer = setTimeout(() => (notice.value = name()), HICCUP);
    }
  }
  addEventListener('online', () => notice.value === 'offline' && (notice.value = 'lost'));
  return { notice, became, hurry: () => wire.hurry() };
}

function name() {
  return navigator.onLine ? 'lost' : 'offline';
}
