// Who is signed in on this page, and how the page came to know.
import { computed, signal } from '../../vendor/signals.js';
import { bestLocale, locale, timeZone, useCatalogue } from '../../shared/i18n.js';
import { call, get, patch, post, Problem, refresh, sessionHooks, setToken } from '../core/api.js';
import { load, save } from '../core/storage.js';

/** status: starting | unreachable | out | in. */
export const status = signal('starting');
export const me = signal(null);
/** Why the page shows the sign-in again, as a catalogue key, or null. */
export const signedOutBecause = signal(null);
export const isAdmin = computed(() => ['owner', 'admin'].includes(me.value?.role));

const RETRY = 4000;

const entering = [];
const leaving = [];
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('switchboard.session') : null;

export function onEnter(run) { entering.push(run); }
export function onLeave(run) { leaving.push(run); }

/** Begins the exchange of the cookie before anything can be shown; null when nobody has signed in on this browser. */
export function early() {
  const exchange = load('signed-in') ? refresh() : null;
  exchange?.catch(() => {}); // resume() looks at the outcome
  return exchange;
}

/** Takes up the session of the cookie after a reload; asks nothing when nobody has signed in on this browser. */
export async function resume(exchange = early()) {
  if (!exchange) { status.value = 'out'; return; }
  try {
    await enter(await exchange);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (!problem.passing) { leave(null); return; }
    const known = load('me');
    if (known) { begin(known); return; }
    status.value = 'unreachable';
    setTimeout(resume, RETRY);
  }
}

/** Throws Problem; `organization_required` carries extra.organizations to choose from. */
export async function signIn({ email, password, slug }) {
  const body = { email, password, session: 'cookie', ...(slug ? { slug } : {}) };
  const session = await call('POST', '/auth/login', { body, anonymous: true });
  setToken(session.access_token);
  await enter(session);
}

/** Founds an organization and signs its owner in: {organization_name, name, email, password}. Throws Problem. */
export async function register(given) {
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
  const body = { ...given, locale: locale.peek(), time_zone: zone, session: 'cookie' };
  const session = await call('POST', '/auth/register', { body, anonymous: true });
  setToken(session.access_token);
  save('last-email', given.email);
  await enter(session);
}

export async function signOut() {
  try {
    await post('/auth/logout');
  } catch (problem) {
    if (problem.passing) throw problem;
  }
  tabs?.postMessage('out');
  leave(null);
  location.hash = '#/inbox/mine';
}

/** Changes the profile: {name?, locale?, time_zone?, theme?}. */
export async function changeProfile(changes) {
  await learn(await patch('/me', changes));
}

/** Asks again who I am, after something about me or my organization was changed elsewhere. */
export async function refreshMe() {
  await learn(await get('/me'));
}

/** Ends the session on this page only; `because` is a catalogue key to show on the sign-in. */
export function leave(because) {
  save('signed-in', null);
  save('me', null);
  setToken(null);
  if (status.value === 'in') leaving.forEach((run) => run());
  signedOutBecause.value = because;
  me.value = null;
  status.value = 'out';
}

export function may(permission) { return me.value?.permissions?.includes(permission) ?? false; }

async function enter(session) {
  save('signed-in', true);
  signedOutBecause.value = null;
  await learn(session.user);
  begin(session.user);
}

/** Also without a line, as who was signed in here last: the first answer that comes tells whether that still holds. */
function begin(user) {
  me.value = user;
  timeZone.value = validZone(user.time_zone);
  status.value = 'in';
  entering.forEach((run) => run());
}

async function learn(user) {
  me.value = user;
  save('me', user);
  timeZone.value = validZone(user.time_zone);
  if (user.theme) applyTheme(user.theme);
  if (user.locale && bestLocale([user.locale]) !== locale.value) await useCatalogue(user.locale);
  save('locale', locale.value);
}

function validZone(zone) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone || undefined });
    return zone || undefined;
  } catch {
    return undefined;
  }
}

/** theme: system | light | dark. */
export function applyTheme(theme) {
  save('theme', theme);
  paintTheme(theme);
}

export function paintTheme(theme) {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

sessionHooks.renewed = (session) => { if (status.value === 'in') me.value = session.user; };
sessionHooks.lost = () => leave('signin.ended');
if (tabs) tabs.onmessage = () => { if (status.value === 'in') leave('signin.ended'); };
