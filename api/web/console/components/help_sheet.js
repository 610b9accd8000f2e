// Every key on one sheet.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { commands, overlay } from '../commands/registry.js';
import { keyName } from '../commands/keys.js';
import { sendKey } from '../store/preferences.js';
import { Dialog } from './dialog.js';

export function HelpSheet() {
  const plain = sendKey.value === 'enter';
  const groups = ['list', 'conversation', 'go', 'me'];
  return html`<${Dialog} title=${t('help.title')} class="help-sheet" onClose=${() => { overlay.value = null; }}>
    <div class="help-groups">${groups.map((group) => html`<section key=${group}><h3>${t(`help.${group}`)}</h3>
      <dl>${commands.filter((command) => command.group === group &&
        command.keys.length).map((command) => html`<div class="help-line" key=${command.id}>
        <dt>${t(`command.${command.id}`)}</dt><dd>
          ${command.keys.map((key) => html`<kbd key=${key}>${keyName(key)}</kbd>`)}</dd></div>`)}
      ${group === 'conversation' && html`<div class="help-line"><dt>${t('composer.enter_send')}</dt><dd><kbd>${plain ? '↵' : keyName('Mod+Enter')}</kbd>
        </dd></div><div class="help-line"><dt>${t('composer.enter_line')}</dt><dd><kbd>${plain ? '⇧ ↵' : '↵'}</kbd></dd></div>`}</dl>
          </section>`)}</div>
  <//>`;
}
