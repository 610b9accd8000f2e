/* The small parts that the views share: the template tag, icons, ticks, clickable addresses, and what hands the visitor has. */
import htm from '../../vendor/htm.js';
import { h } from '../../vendor/preact.js';
import { t } from '../text.js';

export const html = htm.bind(h);

const PATHS = {
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M4 12l16-7-5 15-3.5-6.5z M11.5 13.5L20 5',
  attach: 'M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8L10 17a1.7 1.7 0 0 1-2.4-2.4l7.2-7.2',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z M12 7.5V12l3 2',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
  ticks: 'M2 12.5l4.5 4.5L15 8.5 M11.5 16l1 1L22 7.5',
  alert: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z M12 8v5 M12 16v.01',
  file: 'M6 3.5h8l4 4v13H6z M14 3.5v4h4',
  down: 'M12 5v13 M6.5 12.5L12 18l5.5-5.5',
  more: 'M4.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0z M11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0z M18.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0z',
  star: 'M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z',
  save: 'M12 4v11 M7 10.5l5 5 5-5 M5 20h14',
};
const ICONS = { waiting: 'clock', sent: 'tick', delivered: 'ticks', read: 'ticks' };
const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;
const TAIL = /[.,;:!?*_~'"’”»\]}]+$/;

/** With `label` it stands alone and is named. */
export function Icon({ name, label }) {
  return html`<svg
    class="icon"
    viewBox="0 0 24 24"
    role=${label ? 'img' : null}
    aria-label=${label}
    aria-hidden=${label ? null : 'true'}
  ><path d=${PATHS[name]} /></svg>`;
}

export function Tick({ state }) {
  const shown = state in ICONS ? state : 'sent'; // whatever the server does with it, it has it
  return html`<span class=${`tick ${shown}`}><${Icon} name=${ICONS[shown]} label=${t(`state_${shown}`)} /></span>`;
}

export function Linked({ text }) {
  return pieces(text).map((piece) =>
    piece.href
      ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
      : piece.text,
  );
}

/** Text as pieces {text, href?}; href only for valid http(s) addresses. */
export function pieces(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!isWeb(address)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** Without the sentence's punctuation; a closing bracket stays when the address opened it. */
function trimmed(address) {
  let kept = address.replace(TAIL, '');
  while (kept.endsWith(')') && kept.split('(').length < kept.split(')').length) kept = kept.slice(0, -1).replace(TAIL, '');
  return kept;
}

function isWeb(address) {
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

export function isPhone() {
  return matchMedia('(max-width: 479.98px)').matches;
}

/** Fingers: no focus in fields unasked (it would raise the screen keyboard), and Enter is a new line. */
export function isTouch() {
  return matchMedia('(pointer: coarse)').matches;
}
