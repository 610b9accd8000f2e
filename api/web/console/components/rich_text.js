// The customer's words as written, with addresses made into links; never as markup.
import { html } from '../../shared/html.js';

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi;
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\u200d\ufe0f\p{Extended_Pictographic}]*\s?){1,3}$/u;

export function RichText({ text }) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(text.slice(from, match.index));
    parts.push(html`<a href=${match[0]} target="_blank" rel="noopener noreferrer">${match[0]}</a>`);
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return html`<p class=${`text ${ONLY_EMOJI.test(text) ? 'only-emoji' : ''}`} dir="auto">${parts}</p>`;
}
