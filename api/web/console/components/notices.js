// Short notices at the foot: what was refused elsewhere, what was done out of sight.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { dismiss, notices } from '../store/announce.js';

export function Notices() {
  return html`<div class="notices" role="status" aria-live="polite">${notices.value.map(({ id, text, kind }) => html`
    <div class=${`notice ${kind}`} key=${id}>
      <${Icon} name=${kind === 'bad' ? 'alert' : 'check'} size=${16}/><span>${text}</span>
      <button class="icon-button small" aria-label=${t('action.dismiss')} onClick=${() => dismiss(id)}>
        <${Icon} name="close" size=${16}/></button>
    </div>`)}</div>`;
}
