// One message: side and ground say who wrote it and for whom; everything else about it hangs on it quietly.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { clockTime, exactTime, t } from '../../shared/i18n.js';
import { memo } from '../../shared/memo.js';
import { connection } from '../core/wire.js';
import { inboxHash, route } from '../core/router.js';
import { react, resend } from '../store/acts.js';
import { say } from '../store/announce.js';
import { composeAs } from '../store/composing.js';
import { draft, writeDraft } from '../store/drafts.js';
import { discard, sendAgain } from '../store/outbox.js';
import { me } from '../store/session.js';
import { part } from './part.js';
import { RichText } from './rich_text.js';
import { SystemLine } from './system_line.js';
import { Ticks } from './ticks.js';
import { lastWords } from './row.js';

/** The kinds that are drawn as a card. */
const CARDS = new Set(['location', 'contacts', 'interactive', 'unsupported']);
const Attachments = part(() => import('./attachments.js'), 'Attachments');
const Cards = part(() => import('./message_cards.js'), 'Cards');
const Editor = part(() => import('./message_editor.js'), 'Editor');
const MessageMenu = part(() => import('./message_menu.js'), 'MessageMenu');

export const Message = memo(({ id, message, first, last, opened }) => {
  const [near, setNear] = useState(false);
  const [editing, setEditing] = useState(false);
  if (message.kind === 'system' ||
    message.author === 'system') return html`<${SystemLine} id=${id} message=${message}/>`;
  const side = message.note ? 'note' : `by-${message.author}`;
  const settled = Boolean(message.id) && !message.deleted_at;
  return html`<li class=${`message ${side} ${first ? 'first' : ''} ${last ? 'last' : ''} ${message.local ? 'local'
    : ''}`} tabindex="-1"
      data-key=${id} data-seq=${message.seq} aria-label=${spoken(message)}
      onMouseMove=${() => setNear(true)} onMouseLeave=${() => setNear(false)} onFocusIn=${() => setNear(true)}
      onFocusOut=${(event) => { if (!event.currentTarget.contains(event.relatedTarget)) setNear(false); }}>
    ${first && html`<${Author} message=${message}/>`}
    <div class="message-line">
      <div class=${`bubble kind-${message.kind}`}>
        ${message.note && html`<div class="note-label"><${Icon} name="note" size=${16}/>${t('note.label')}</div>`}
        ${message.reply_to && html`<${Quote} quote=${message.reply_to} conversation=${message.conversation_id}/>`}
        ${message.deleted_at
          ? html`<p class="deleted"><${Icon} name="trash" size=${16}/>${t('message.deleted')}</p>`
          : editing ? html`<${Editor} message=${message} onDone=${() => setEditing(false)}/>` : html`
            ${message.attachments?.length > 0 && html`<${Attachments} message=${message}/>`}
            ${CARDS.has(message.kind) && html`<${Cards} message=${message}/>`}
            ${message.text && html`<${RichText} text=${message.text} mentions=${message.content?.mentions}/>`}`}
        <${Meta} message=${message}/>
      </div>
      ${near && settled && !editing &&
        html`<${MessageMenu} message=${message} opened=${opened} onEdit=${() => setEditing(true)}/>`}
    </div>
    ${message.reactions?.length > 0 && !message.deleted_at && html`<${Reactions} message=${message}/>`}
    ${(message.state === 'failed' || message.state === 'uncertain') && html`<${Trouble} message=${message}/>`}
    ${message.local && message.state === 'queued' && !message.id && html`<${Unsent} message=${message}/>`}
  </li>`;
});

function Author({ message }) {
  if (message.author === 'customer') return null;
  const own = message.author_id === me.value?.id;
  if (own && !message.note) return null;
  const name = own ? t('author.you') : message.author_name || t(`author.${message.author}`);
  return html`<p class="author">${message.author === 'bot' && html`<${Icon} name="bot" size=${16}/>`}${name}</p>`;
}

function Meta({ message }) {
  return html`<span class="meta">
    ${message.edited_at && !message.deleted_at &&
      html`<span title=${exactTime(message.edited_at)}>${t('message.edited')}</span>`}
    ${message.late && html`<span class="late" title=${t('message.late_at', { time: exactTime(message.occurred_at) })}>
      <${Icon} name="clock" size=${12}/>${t('message.late')}</span>`}
    <time datetime=${message.created_at} title=${exactTime(message.occurred_at ?? message.created_at)}>
      ${clockTime(message.occurred_at ?? message.created_at)}</time>
    ${message.author !== 'customer' && html`<${Ticks} message=${message}/>`}</span>`;
}

/** The quoted message; pressing it goes there, also when that part is not loaded. */
function Quote({ quote, conversation }) {
  const { view } = route.value;
  return html`<a class="quote" href=${inboxHash(view, conversation, quote.seq)}>
    <b>${quote.author_name || t(`author.${quote.author}`)}</b><span>${lastWords(quote)}</span></a>`;
}

function Reactions({ message }) {
  const groups = new Map();
  for (const one of message.reactions) groups.set(one.emoji, [...(groups.get(one.emoji) ?? []), one]);
  return html`<div class="reactions">${[...groups].map(([emoji, by]) => {
    const mine = by.some((one) => one.author_id && one.author_id === me.value?.id);
    const names = by.map((one) => one.author_name || t(`author.${one.author}`)).join(', ');
    return html`<button key=${emoji} type="button" class=${`reaction ${mine ? 'mine' : ''}`}
        aria-pressed=${mine ? 'true' : 'false'} title=${names}
      aria-label=${t('reaction.by', { emoji, names })} onClick=${() => react(message, mine ? null : emoji)}>
        ${emoji}${by.length > 1 && html`<span>${by.length}</span>`}</button>`;
  })}</div>`;
}

function Trouble({ message }) {
  const words = message.error?.detail || (message.state === 'failed' && message.error?.code) || '';
  const unsent = message.local && !message.id;
  return html`<div class=${`trouble ${message.state}`}><${Icon} name="alert" size=${16}/>
    <span>${t(message.state === 'failed' ? 'message.failed' : 'message.uncertain')}${words &&
      html` <span class="provider-words">${words}</span>`}
      <span class="trouble-means">${t(unsent ? 'message.means_unsent' : `message.means_${message.state}`)}</span></span>
    <button type="button" class="button small"
        onClick=${() => (unsent ? sendAgain(message.client_id) : resend(message))}><${Icon} name="retry" size=${16}/>
          ${t('message.send_again')}</button>
    ${unsent && message.text && html`<button type="button" class="button small" onClick=${() => rewrite(message)}>
      <${Icon} name="edit" size=${16}/>${t('message.rewrite')}</button>`}
    ${unsent && html`<button type="button" class="button small" onClick=${() => discard(message.client_id)}>
      ${t('message.discard')}</button>`}</div>`;
}

/** Takes what was refused back into the composer, behind what stands there. */
function rewrite({ conversation_id: id, client_id: clientId, note, text }) {
  const mode = note ? 'note' : 'reply';
  writeDraft(id, mode, [draft(id, mode).peek(), text].filter(Boolean).join('\n'));
  discard(clientId);
  composeAs(mode);
}

/** What was written while the line is down: that it waits, and a way to take it back. */
function Unsent({ message }) {
  if (connection.value.state === 'live') return null;
  const cancel = () => { if (!discard(message.client_id)) say(t('message.leaving')); };
  return html`<div class="trouble waiting"><${Icon} name="clock" size=${16}/><span>${t('message.waits')}</span>
    <button type="button" class="button small" onClick=${cancel}>${t('message.do_not_send')}</button></div>`;
}

function spoken(message) {
  const who = message.author_name || t(`author.${message.author}`);
  const words = message.deleted_at ? t('message.deleted') : lastWords(message);
  return [message.note ? t('note.label') : '', who, words, clockTime(message.created_at)].filter(Boolean).join(', ');
}
