// What may interrupt me, and how: in the page, by the browser, with a sound.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { get, Problem, put } from '../core/api.js';
import { notify } from '../store/announce.js';
import { Switch } from './fields.js';
import { Head, Loaded, Part, useLoad } from './page.js';
import { chime } from './chime.js';

const KINDS = ['mention', 'assigned', 'message', 'unassigned'];
const WAYS = ['app', 'browser', 'sound'];

export function Page() {
  const load = useLoad(() => get('/me/notifications'));
  /** Shown at once; the answer is the truth, and a refusal puts back what stood before. */
  const change = async (next) => {
    const before = load.data;
    load.put(next);
    try {
      load.put(await put('/me/notifications', next));
      document.dispatchEvent(new CustomEvent('notifications:preferences', { detail: next }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      load.put(before);
      notify(problem.message);
    }
  };
  return html`<${Head} title=${t('place.notifications')} intro=${t('notify.intro')}/>
    <${Loaded} load=${load} lines=${6}>${(now) => html`
      <${Part} title=${t('notify.what')}><${Choices} now=${now} change=${change}/>
        <${Switch} name="quiet" label=${t('notify.quiet')} hint=${t('notify.quiet_hint')} on=${now.quiet}
            onFlip=${(quiet) => change({ ...now, quiet })}/><//>`}<//>
    <${Part} title=${t('notify.browser_title')} name="browser"><${BrowserPermission}/><//>
    <${Part} title=${t('notify.sound_title')} name="sound"><div class="set-line"><p>${t('notify.sound_words')}</p>
      <button type="button" class="button" onClick=${() => chime().catch(() => notify(t('notify.sound_refused')))}>
        <${Icon} name="play" size=${16}/>${t('notify.sound_test')}</button></div><//>`;
}

function Choices({ now, change }) {
  const flip = (kind, way) => change({ ...now, [kind]: { ...now[kind], [way]: !now[kind]?.[way] } });
  return html`<table class="grid-table"><thead><tr><td></td>
      ${WAYS.map((way) => html`<th key=${way} scope="col">${t(`notify.way_${way}`)}</th>`)}</tr></thead>
    <tbody>${KINDS.map((kind) => html`<tr key=${kind}><th scope="row">${t(`notify.${kind}`)}</th>
      ${WAYS.map((way) => html`<td key=${way}><input type="checkbox" name=${`${kind}_${way}`}
          aria-label=${t('notify.cell', { kind: t(`notify.${kind}`), way: t(`notify.way_${way}`) })}
          checked=${Boolean(now[kind]?.[way])} onChange=${() => flip(kind, way)}/></td>`)}</tr>`)}</tbody></table>`;
}

/** The browser's own yes or no; a no can only be taken back in the browser. */
function BrowserPermission() {
  const [state, setState] = useState(present());
  useEffect(() => {
    let watched = null;
    const read = () => setState(present());
    navigator.permissions?.query({ name: 'notifications' }).then((status) => {
      watched = status;
      status.addEventListener('change', read);
    }, () => {});
    return () => watched?.removeEventListener('change', read);
  }, []);
  const ask = async () => setState(await Notification.requestPermission());
  const test = () => new Notification('Switchboard', { body: t('notify.browser_example'), icon: '/web/console/icon.svg' });
  return html`<div class="set-line"><p><span class=${`health ${state === 'granted' ? 'ok' : state === 'denied' ? 'failing'
    : 'unknown'}`}>${t(`notify.permission_${state}`)}</span> ${t(`notify.permission_${state}_words`)}</p>
    ${state === 'default' && html`<button type="button" class="button primary" onClick=${ask}>${t('notify.allow')}</button>`}
    ${state === 'granted' && html`<button type="button" class="button" onClick=${test}>${t('notify.browser_test')}</button>`}
  </div>`;
}

function present() { return 'Notification' in globalThis ? Notification.permission : 'unsupported'; }
