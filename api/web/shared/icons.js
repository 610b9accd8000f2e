// One icon from the sprite; decorative unless it is given a label.
import { html } from './html.js';

const SPRITE = new URL('./icons.svg', import.meta.url).href;

/** `name` is the id of a symbol in icons.svg; `size` is in pixels (16, 20 or 24). */
export function Icon({ name, label, size = 20, class: extra = '' }) {
  return html`<svg class=${`icon ${extra}`} width=${size} height=${size} viewBox="0 0 24 24"
    role=${label ? 'img' : null} aria-label=${label ?? null} aria-hidden=${label ? null : 'true'} focusable="false">
    <use href=${`${SPRITE}#${name}`}></use></svg>`;
}
