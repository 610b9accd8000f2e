// A value that is copied when it is pressed.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';

export function Copy({ text, label, children }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class="copy-button" title=${t('message.copy')}
      aria-label=${t('panel.copy', { value: label ?? text })} onClick=${copy}><span>${children}</span>
    <${Icon} name=${done ? 'check' : 'copy'} size=${16}/></button>`;
}
