// The place of the details beside the thread; what stands in it is fetched with the first conversation.
import { useLayoutEffect, useRef } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { panelOpen } from '../commands/registry.js';
import { part } from './part.js';

const Details = part(() => import('../panel/details.js'), 'Details');

export function Panel({ id }) {
  const close = useRef(null);
  // Where it slides over the thread, the focus goes with it; beside the thread its close button is not shown.
  useLayoutEffect(() => { if (panelOpen.value) close.current?.focus(); }, [panelOpen.value]);
  return html`<aside class="panel" aria-label=${t('panel.label')}>
    <header class="panel-head"><h2>${t('panel.label')}</h2>
      <button ref=${close} class="icon-button panel-close" aria-label=${t('action.close')}
          onClick=${() => { panelOpen.value = false; }}><${Icon} name="close"/></button></header>
    <${Details} id=${id}/></aside>`;
}
