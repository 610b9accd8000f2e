// The root: which page stands, and what floats over all of them.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { overlay, panelOpen } from '../commands/registry.js';
import { route } from '../core/router.js';
import { spoken } from '../store/announce.js';
import { status } from '../store/session.js';
import { Banner } from './banner.js';
import { CommandBar } from './command_bar.js';
import { HelpSheet } from './help_sheet.js';
import { InboxList } from './inbox_list.js';
import { Notices } from './notices.js';
import { Panel } from './panel.js';
import { Rail } from './rail.js';
import { ResetPassword } from './reset_password.js';
import { Settings } from '../settings/settings.js';
import { SignIn } from './sign_in.js';
import { EmptyThread, Thread } from './thread.js';

export function App() {
  if (route.value.page === 'reset') return html`<${ResetPassword} token=${route.value.token}/>`;
  if (status.value === 'starting') return html`<${Starting}/>`;
  if (status.value === 'unreachable') return html`<${Unreachable}/>`;
  if (status.value === 'out') return html`<${SignIn}/>`;
  return html`<${Shell}/>`;
}

function Shell() {
  const { page, id } = route.value;
  const openPanel = panelOpen.value && Boolean(id);
  return html`<div class=${`shell page-${page} ${id ? 'has-thread' : ''} ${openPanel ? 'has-panel' : ''}`}>
    <${Banner}/>
    <${Rail}/>
    ${page === 'settings' ? html`<${Settings}/>` : html`
      <main class="inbox" aria-label=${t('rail.inbox')}><h1 class="sr-only">${t('rail.inbox')}</h1><${InboxList}/>
        ${id ? html`<${Thread} key=${id} id=${id}/>` : html`<${EmptyThread}/>`}</main>
      ${id && html`<${Panel} key=${`panel-${id}`} id=${id}/>`}`}
    ${overlay.value === 'commands' && html`<${CommandBar}/>`}
    ${overlay.value === 'help' && html`<${HelpSheet}/>`}
    <${Notices}/>
    <div class="sr-only" role="status" aria-live="polite">${spoken}</div>
  </div>`;
}

/** Nothing for a moment, then the outline of the page: a fast start should not flash. */
function Starting() {
  const [slow, setSlow] = useState(false);
  useEffect(() => { const timer = setTimeout(() => setSlow(true), 150); return () => clearTimeout(timer); }, []);
  if (!slow) return null;
  return html`<div class="shell starting" aria-busy="true"><span class="sr-only" role="status">
    ${t('state.loading')}</span>
    <div class="rail"></div><div class="list skeletons">
      ${[1, 2, 3, 4, 5].map((n) => html`<div class="skeleton-row" key=${n}></div>`)}</div></div>`;
}

function Unreachable() {
  return html`<main class="gate"><div class="gate-card" role="alert">
    <h1>${t('error.unreachable_title')}</h1><p>${t('error.offline')}</p>
    <button class="button primary" onClick=${() => location.reload()}>${t('action.retry')}</button></div></main>`;
}
