// The line over the page while the live connection is away; it heals by itself and says so.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { connection, retryNow } from '../core/wire.js';

const PATIENCE = 1200;

export function Banner() {
  const { state, since, at } = connection.value;
  const away = state !== 'live' && state !== 'idle';
  const [, tick] = useState(0);
  useEffect(() => {
    if (!away) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [away]);
  // A reconnection of a blink is nobody's business.
  if (!away || (state !== 'replaced' && Date.now() - since < PATIENCE)) return null;
  const wait = at ? Math.max(0, Math.ceil((at - Date.now()) / 1000)) : 0;
  return html`<div class="banner" role="status">
    <${Icon} name="offline" size=${16}/>
    <span>${state === 'replaced' ? t('connection.replaced') : t('connection.lost')}</span>
    ${state === 'waiting' && wait > 1 &&
      html`<span class="banner-wait" aria-hidden="true">${t('connection.again_in', { seconds: wait })}</span>`}
    ${state !== 'connecting' && html`<button class="button small" onClick=${retryNow}>
      ${state === 'replaced' ? t('connection.use_here') : t('connection.now')}</button>`}
  </div>`;
}
