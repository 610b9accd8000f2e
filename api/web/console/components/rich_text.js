// The words as written, with addresses made into links and mentions marked; never as markup.
import { html } from '../../shared/html.js';
import { me } from '../store/session.js';

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi;
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\u200d\ufe0f\p{Extended_Pictographic}]*\s?){1,3}$/u;

export function RichText({ text, mentions }) {
  const parts = cut(text, ADDRESS, (address) => html`<${Link} address=${address}/>`);
  const marked = mentions?.length ? parts.flatMap((one) => (typeof one === 'string' ? withMentions(one, mentions) : [one]))
    : parts;
  return html`<p class=${`text ${ONLY_EMOJI.test(text) ? 'only-emoji' : ''}`} dir="auto">${marked}</p>`;
}

/** Only what the browser itself reads as http or https becomes a link; the address shown is the one that opens. */
function Link({ address }) {
  const { protocol } = URL.canParse(address) ? new URL(address) : {};
  if (protocol !== 'http:' && protocol !== 'https:') return address;
  return html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow">${address}</a>`;
}

function withMentions(text, mentions) {
  const names = mentions.map((one) => one.name).sort((one, two) => two.length - one.length);
  const any = new RegExp(`@(?:${names.map((name) => name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|')})`, 'g');
  return cut(text, any, (name) => {
    const mine = mentions.some((one) => one.id === me.peek()?.id && `@${one.name}` === name);
    return html`<span class=${`mention ${mine ? 'mine' : ''}`}>${name}</span>`;
  });
}

/** The text with each match of `pattern` replaced by what `made` answers. */
function cut(text, pattern, made) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(from, match.index), made(match[0]));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}
