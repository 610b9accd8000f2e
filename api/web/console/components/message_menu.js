// What can be done with a message: answer, react, copy, change, take back, see its steps.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { inboxHash } from '../core/router.js';
import { react, remove } from '../store/acts.js';
import { copy } from '../store/clipboard.js';
import { composeAs } from '../store/composing.js';
import { rowSignal } from '../store/rows.js';
import { me } from '../store/session.js';
import { EmojiGrid } from './emoji.js';
import { MenuItem, Popover } from './popover.js';
import { Timeline } from './ticks.js';

const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

export function MessageMenu({ message, opened, onEdit }) {
  const [steps, setSteps] = useState(false);
  const may = opened.detail.value?.can ?? {};
  const icon = (name) => html`<${Icon} name=${name} size=${16}/>`;
  const pick = (emoji) => react(message, emoji);
  return html`<div class="message-acts" role="group" aria-label=${t('message.acts')}>
    ${!message.note && may.reply !== false && html`<button type="button" class="icon-button small" data-act="answer"
        aria-label=${t('message.reply')} title=${t('message.reply')} onClick=${() => composeAs('reply', message)}>
        ${icon('reply')}</button>`}
    ${may.reply !== false && html`<${Popover} label=${t('message.react')} role="dialog" class="icon-button small"
        act="react" boxClass="emoji-box" button=${icon('smile')}>
      ${(close) => html`<div class="emoji-quick" role="group" aria-label=${t('message.react')}>
        ${QUICK.map((emoji, index) => html`<button key=${emoji} type="button" class="emoji" aria-label=${emoji}
            autofocus=${index === 0} onClick=${() => { close(); pick(emoji); }}>${emoji}</button>`)}</div>
        <${EmojiGrid} quiet=${true} onPick=${(emoji) => { close(); pick(emoji); }}/>`}<//>`}
    <${Popover} label=${t('message.more')} act="more" class="icon-button small" button=${icon('more')}>
      ${(close) => html`<${Acts} message=${message} opened=${opened} close=${close} onEdit=${onEdit}
          onSteps=${() => setSteps(true)}/>`}<//>
    ${steps && html`<${Timeline} message=${message} onClose=${() => setSteps(false)}/>`}
  </div>`;
}

function Acts({ message, opened, close, onEdit, onSteps }) {
  const [sure, setSure] = useState(false);
  const webchat = rowSignal(opened.id).value?.channel.kind === 'webchat';
  const mine = message.author === 'agent' && message.author_id === me.value?.id;
  const changeable = mine && (message.note || webchat);
  const icon = (name) => html`<${Icon} name=${name} size=${16}/>`;
  const item = (name, mark, run, kind = '') => html`<${MenuItem} kind=${kind} icon=${icon(mark)}
      onPick=${() => { close(); run(); }}>${t(name)}<//>`;
  const link = () => copy(location.href.split('#')[0] + inboxHash('all', opened.id, message.seq, ''));
  return html`
    ${message.text && item('message.copy', 'copy', () => copy(message.text))}
    ${item('message.link', 'copy', link)}
    ${changeable && message.kind === 'text' && item('message.edit', 'edit', onEdit)}
    ${item('message.note_on', 'note', () => composeAs('note', message))}
    ${!message.note && item('message.steps', 'clock', onSteps)}
    ${changeable && html`<${MenuItem} kind="bad" icon=${icon('trash')}
        onPick=${() => { if (!sure) { setSure(true); return; } close(); remove(message); }}>
      ${t(!sure ? 'message.delete' : message.note ? 'message.delete_note' : 'message.delete_sure')}<//>`}`;
}
