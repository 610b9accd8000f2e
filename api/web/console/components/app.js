// The root: which page stands, and what floats over all of them.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { addTexts, t } from '../../shared/i18n.js';
import { overlay, panelOpen } from '../commands/registry.js';
import { route } from '../core/router.js';
import { addStyles } from '../core/styles.js';
import { spoken } from '../store/announce.js';
import { status } from '../store/session.js';
import { Banner } from './banner.js';
import { InboxList } from './inbox_list.js';
import { inboxPart } from './inbox_part.js';
import { lazy } from './lazy.js';
import { Notices } from './notices.js';
import { Panel } from './panel.js';
import { Rail } from './rail.js';
import { EmptyThread, Thread } from './thread_place.js';

const SignIn = lazy(() => import('./sign_in.js').then((module) => module.SignIn));
const Settings = apart(() => import('../settings/settings.js').then((module) => module.Settings));
const Register = apart(() => import('../settings/register.js').then((module) => module.Register));
const ResetPassword = apart(() => import('../settings/reset_password.js').then((module) => module.ResetPassword));

/** A page that stands beside the inbox, with texts and styles of its own. */
function apart(load) {
  return lazy(async () => (await Promise.all([load(), addTexts('settings'),
    addStyles('settings/settings.css')]))[0]);
}

/** What floats over the page, by the name that `overlay` has for it. */
const FLOATING = {
  commands: lazy(() => import('./command_bar.js').then((module) => module.CommandBar)),
  help: inboxPart(() => import('./help_sheet.js'), 'HelpSheet'),
  snooze: inboxPart(() => import('./snooze_dialog.js'), 'SnoozeDialog'),
  save_view: inboxPart(() => import('./save_view.js'), 'SaveView'),
  edit_views: inboxPart(() => import('./edit_views.js'), 'EditViews'),
};

export function App() {
  const { page } = route.value;
  if (page === 'reset') return html`<${ResetPassword} token=${route.value.token}/>`;
  if (status.value === 'starting') return html`<${Starting}/>`;
  if (status.value === 'unreachable') return html`<${Unreachable}/>`;
  if (status.value === 'out') return page === 'register' ? html`<${Register}/>` : html`<${SignIn}/>`;
  return html`<${Shell}/>`;
}

function Shell() {
  const { page, section } = route.value;
  const id = page === 'inbox' ? route.value.id : null;
  const openPanel = panelOpen.value && Boolean(id);
  return html`<div class=${`shell page-${page} ${id ? 'has-thread' : ''} ${openPanel ? 'has-panel' : ''} ${section ? 'has-section' : ''}`}>
    <${Banner}/>
    <${Rail}/>
    ${page === 'settings' ? html`<${Settings}/>` : html`
      <main class="inbox" aria-label=${t('rail.inbox')}><h1 class="sr-only">${t('rail.inbox')}</h1><${InboxList}/>
        ${id ? html`<${Thread} key=${id} id=${id}/>` : html`<${EmptyThread}/>`}</main>
      ${id && html`<${Panel} key=${`panel-${id}`} id=${id}/>`}`}
    ${FLOATING[overlay.value] && html`<${FLOATING[overlay.value]}/>`}
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
