/* One message: who, what, when, and for an own one how far it came. */
import { clock, instant, t } from '../text.js';
import { Attachment } from './attachment.js';
import { html, Icon, Linked, Tick } from './parts.js';

export function Bubble({ row, chat, onImage }) {
  const { message, own, first, last } = row;
  const refused = own && ['refused', 'failed'].includes(message.state);
  const side = `message ${own ? 'own' : 'theirs'} ${first ? 'first' : ''} ${last ? 'last' : ''} ${refused ? 'refused' : ''}`;
  const author = own ? t('you') : message.author_name || chat.company.value.name;
  return html`<li class=${side}>
    ${first && html`<span class=${own ? 'listened' : 'author'}>${author}</span>`}
    <div class="bubble"><${Content} message=${message} files=${chat.files} onImage=${onImage} /></div>
    ${message.reactions?.length > 0 && html`<span class="reactions">${message.reactions.map((it) => it.emoji).join(' ')}</span>`}
    ${refused ? html`<${NotSent} message=${message} outbox=${chat.outbox} />` : (last || message.state === 'waiting') && html`<${Meta} ...${row} />`}
  </li>`;
}

function Content({ message, files, onImage }) {
  if (message.deleted_at) return html`<em class="deleted">${t('deleted')}</em>`;
  const attachments = message.attachments ?? [];
  return html`
    ${message.reply_to && html`<blockquote><b>${message.reply_to.author_name}</b> ${message.reply_to.text}</blockquote>`}
    ${attachments.map((file) => html`<${Attachment} key=${file.id} file=${file} files=${files} onImage=${onImage} />`)}
    ${message.text ? html`<p dir="auto"><${Linked} text=${message.text} /></p>` : !attachments.length && html`<em class="deleted">${t('unsupported')}</em>`}
  `;
}

function Meta({ message, own }) {
  return html`<span class="meta">
    ${message.edited_at && !message.deleted_at && html`<span>${t('edited')} · </span>`}
    <time datetime=${message.created_at} title=${instant(message.created_at)}>${clock(message.created_at)}</time>
    ${own && html`<${Tick} state=${message.state} />`}
  </span>`;
}

function NotSent({ message, outbox }) {
  const id = message.client_id;
  const ours = message.state === 'refused'; // still in our outbox, so it can be tried again or taken back
  return html`<span class="meta bad" role="alert">
    <${Icon} name="alert" /><span>${message.detail || message.error?.detail || t('not_sent')}</span>
    ${ours && html`<button type="button" class="link" onClick=${() => outbox.retry(id)}>${t('try_again')}</button>`}
    ${ours && html`<button type="button" class="link" onClick=${() => outbox.discard(id)}>${t('take_back')}</button>`}
  </span>`;
}
