/* The head of the panel: whose chat this is, whether somebody is there, the way out, and what is wrong with the connection. */
import { signal } from '../state.js';
import { t } from '../text.js';
import { html, Icon } from './parts.js';

const HICCUP = 1_500; // ms of lost connection that nobody needs to hear about
const HEALED = 2_500; // ms that the good news stays

export function Header({ chat }) {
  const name = chat.company.value.name || t('chat');
  const online = chat.agentsOnline.value;
  return html`<header>
    <span class="mark" aria-hidden="true">${[...name][0].toLocaleUpperCase()}</span>
    <div class="who">
      <h2>${name}</h2>
      <p>${online === null ? '' : html`<span class=${`lamp ${online ? 'on' : ''}`}></span>${t(online ? 'online' : 'away')}`}</p>
    </div>
    <button type="button" class="tool" aria-label=${t('close')} title=${t('close')} onClick=${chat.close}><${Icon} name="close" /></button>
  </header>`;
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
