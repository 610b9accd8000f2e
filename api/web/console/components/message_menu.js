// What can be done with a message: answer, react, copy, change, take back.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { react, remove } from '../store/acts.js';
import { say } from '../store/announce.js';
import { composeAs } from '../store/composing.js';
import { rowSignal } from '../store/rows.js';
import { me } from '../store/session.js';
import { EmojiGrid } from './emoji.js';
import { MenuItem, Popover } from './popover.js';

const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

export function MessageMenu({ message, opened, onEdit }) {
  const webchat = rowSignal(opened.id).value?.channel.kind === 'webchat';
  const mine = message.author === 'agent' && message.author_id === me.value?.id;
  const changeable = mine && (message.note || webchat);
  return html`<div class="message-acts" role="group" aria-label=${t('message.acts')}>
    ${!message.note && html`<button type="button" class="icon-button small" aria-label=${t('message.reply')}
        title=${t('message.reply')} onClick=${() => composeAs('reply', message)}><${Icon} name="reply" size=${16}/>
          </button>
      <${Popover} label=${t('message.react')} role="dialog" class="icon-button small" boxClass="emoji-box"
          button=${html`<${Icon} name="smile" size=${16}/>`}>
        ${(close) => html`<div class="emoji-quick">
          ${QUICK.map((emoji) => html`<button key=${emoji} type="button" class="emoji" aria-label=${emoji}
              onClick=${() => { close(); react(message, emoji); }}>${emoji}</button>`)}</div>
          <${EmojiGrid} onPick=${(emoji) => { close(); react(message, emoji); }}/>`}<//>`}
    <${Popover} label=${t('message.more')} class="icon-button small" button=${html`<${Icon} name="more" size=${16}/>`}>
      ${(close) => html`
        ${message.text && html`<${MenuItem} icon=${html`<${Icon} name="copy" size=${16}/>`}
            onPick=${() => { close(); copy(message.text); }}>${t('message.copy')}<//>`}
        ${changeable && message.kind === 'text' &&
          html`<${MenuItem} icon=${html`<${Icon} name="edit" size=${16}/>`} onPick=${() => { close(); onEdit(); }}>
            ${t('message.edit')}<//>`}
        ${changeable && html`<${MenuItem} kind="bad" icon=${html`<${Icon} name="trash" size=${16}/>`}
            onPick=${() => { close(); remove(message); }}>${t('message.delete')}<//>`}
        <${MenuItem} icon=${html`<${Icon} name="note" size=${16}/>`}
            onPick=${() => { close(); composeAs('note', message); }}>${t('message.note_on')}<//>`}<//>
  </div>`;
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  say(t('message.copied'));
}
