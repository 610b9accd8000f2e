// Starts the console: language first, then the session, then the live socket.
import { render } from '../vendor/preact.js';
import { effect } from '../vendor/signals.js';
import { html } from '../shared/html.js';
import { bestLocale, t, useCatalogue } from '../shared/i18n.js';
import { load } from './core/storage.js';
import { connection, on, start, stop } from './core/wire.js';
import { App } from './components/app.js';
import { listenToKeys } from './commands/keys.js';
import { counts } from './store/rows.js';
import './store/aloud.js';
import './store/together.js';
import { early, leave, me, onEnter, onLeave, resume } from './store/session.js';

onEnter(start);
onLeave(stop);
on('ended', () => leave('signin.ended'));

effect(() => {
  const { unread } = counts.value;
  document.title = unread > 0 ? `(${unread > 99 ? '99+' : unread}) Switchboard` : 'Switchboard';
});

effect(() => { document.documentElement.dataset.connection = connection.value.state; });

effect(() => {
  const accent = me.value?.organization.appearance?.accent;
  // Most keep the console's own colour, which needs nothing.
  if (accent && (accent !== '#2563eb' || load('brand'))) import('./settings/brand.js').then(({ wear }) => wear(accent), () => {});
});

const exchange = early();
// Who has to sign in first needs that page, and nobody else does.
if (!exchange) import('./components/sign_in.js').catch(() => {});
await useCatalogue(bestLocale([load('locale'), ...navigator.languages].filter(Boolean)));
render(html`<${App}/>`, document.getElementById('app'));
listenToKeys();
addEventListener('unhandledrejection', (event) => console.error(t('error.server'), event.reason));
await resume(exchange);
// Nobody waits for this, and a visit of a moment does not need it.
setTimeout(() => import('./core/shell.js').then(({ keepShell }) => keepShell(), () => {}), 4000);
