// Every key on one sheet.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { commands, overlay } from '../commands/registry.js';
import { keyName } from '../commands/keys.js';
import { sendKey } from '../store/preferences.js';
import { Dialog } from './dialog.js';

/** Keys that work in the composer and on a message that has the focus. */
const IN_THE_THREAD = [['canned', '/'], ['mention', '@'], ['walk', '↑ ↓'], ['message_menu', '↵'], ['message_answer', 'R'],
  ['message_react', '+'], ['message_copy', 'C']];

function line(name, key) {
  return html`<div class="help-line" key=${name}><dt>${t(name)}</dt><dd><kbd>${key}</kbd></dd></div>`;
}

export function HelpSheet() {
  const plain = sendKey.value === 'enter';
  const groups = ['list', 'conversation', 'go', 'me'];
  return html`<${Dialog} title=${t('help.title')} class="help-sheet" onClose=${() => { overlay.value = null; }}>
    <div class="help-groups">${groups.map((group) => html`<section key=${group}><h3>${t(`help.${group}`)}</h3>
      <dl>${commands.filter((command) => command.group === group &&
        command.keys.length).map((command) => html`<div class="help-line" key=${command.id}>
        <dt>${t(`command.${command.id}`)}</dt><dd>
          ${command.keys.map((key) => html`<kbd key=${key}>${keyName(key)}</kbd>`)}</dd></div>`)}
      ${group === 'conversation' && html`${line('composer.enter_send', plain ? '↵' : keyName('Mod+Enter'))}
        ${line('composer.enter_line', plain ? '⇧ ↵' : '↵')}
        ${IN_THE_THREAD.map(([name, key]) => line(`help.${name}`, key))}`}</dl></section>`)}</div>
  <//>`;
}
