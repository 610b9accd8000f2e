// One thing that is known: its name above, itself below.
import { html } from '../../shared/html.js';
import { exactTime, shortDate } from '../../shared/i18n.js';

export function Fact({ name, children }) { return html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`; }

export function When({ at }) {
  return html`<time datetime=${at} title=${exactTime(at)}>${shortDate(at)}</time>`;
}
