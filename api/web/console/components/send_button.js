// Send, and beside it the other ways to send: later, or with another key.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { keyName } from '../commands/keys.js';
import { closeOpen } from '../commands/registry.js';
import { chooseSendKey, sendKey } from '../store/preferences.js';
import { MenuItem, Popover } from './popover.js';

export function SendButton({ mode, disabled, onSend, onSchedule }) {
  const key = sendKey.value === 'enter' ? '↵' : keyName('Mod+Enter');
  const icon = (name) => html`<${Icon} name=${name} size=${16}/>`;
  return html`<span class="send-group">
    <button type="button" class="button primary send" disabled=${disabled} onClick=${onSend}
        title=${`${t('composer.enter_send')}  ${key}`}>${icon(mode === 'note' ? 'note' : 'send')}
      ${t(mode === 'note' ? 'composer.add_note' : 'composer.send')}</button>
    <${Popover} label=${t('composer.more')} class="button primary send-more" act="send-more"
        button=${html`<${Icon} name="down" size=${16}/>`}>
      ${(close) => html`
        ${mode === 'reply' && !disabled && html`
          <${MenuItem} icon=${icon('clock')} onPick=${() => { close(); onSchedule(); }}>${t('composer.schedule')}<//>
          <${MenuItem} icon=${icon('archive')} onPick=${() => { close(); if (onSend()) closeOpen(); }}>
            ${t('composer.send_close')}<//>`}
        <div role="group" class=${mode === 'reply' && !disabled ? 'menu-group' : ''} aria-label=${t('composer.enter_send')}>
          ${['enter', 'mod_enter'].map((name) => html`<${MenuItem} key=${name} checked=${sendKey.value === name}
              icon=${html`<span class="menu-space"></span>`} onPick=${() => { chooseSendKey(name); close(); }}>
            ${t('composer.sends_with', { key: name === 'enter' ? '↵' : keyName('Mod+Enter') })}<//>`)}</div>`}
    <//></span>`;
}
