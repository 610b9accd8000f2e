// The settings: their pages down the side, one of them open, and what must be saved before leaving it.
import { useEffect, useRef } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { openCommands } from '../commands/registry.js';
import { route } from '../core/router.js';
import { lazy } from '../components/lazy.js';
import { LeaveDialog } from './guard.js';
import { GROUPS, openPlaces, PLACES } from './places.js';

const pages = new Map(PLACES.map((place) => [place.id, lazy(() => place.load().then((module) => module.Page))]));
const PATIENCE = 4000;

export function Settings() {
  const { section, id, step, focus } = route.value;
  const places = openPlaces();
  const here = places.find((place) => place.id === section) ?? places[0];
  const main = useRef(null);
  useEffect(() => { main.current.scrollTop = 0; }, [here.id, id, step]);
  useEffect(() => (focus ? bringUp(main.current, focus) : undefined), [here.id, id, focus]);
  return html`<${Side} places=${places} here=${here.id}/>
    <main class="settings" ref=${main} tabindex="-1" data-at=${[here.id, id, step].filter(Boolean).join('/')} aria-label=${t(`place.${here.id}`)}>
      <h1 class="settings-h1 sr-only">${t('rail.settings')}</h1>
      <a class="settings-back" href="#/settings"><${Icon} name="back" size=${16}/>${t('rail.settings')}</a>
      <${pages.get(here.id)} key=${here.id}/></main>
    <${LeaveDialog}/>`;
}

function Side({ places, here }) {
  return html`<nav class="settings-nav" aria-label=${t('rail.settings')}><h1>${t('rail.settings')}</h1>
    <button type="button" class="settings-find" onClick=${openCommands}>
      <${Icon} name="search" size=${16}/>${t('settings.find')}</button>
    ${GROUPS.map((group) => {
      const inside = places.filter((place) => place.group === group);
      return inside.length > 0 && html`<div key=${group} class="settings-group" role="group"
          aria-labelledby=${`settings-${group}`}><h2 id=${`settings-${group}`}>${t(`settings.group_${group}`)}</h2>
        ${inside.map((place) => html`<a key=${place.id} href=${`#/settings/${place.id}`}
            aria-current=${here === place.id ? 'page' : null}><${Icon} name=${place.icon}/>
            <span>${t(`place.${place.id}`)}</span></a>`)}</div>`;
    })}</nav>`;
}

/** Focuses the setting that was searched for, once its page has drawn it. */
function bringUp(main, name) {
  const until = performance.now() + PATIENCE;
  let frame = 0;
  const look = () => {
    const found = main.querySelector(`[data-setting="${CSS.escape(name)}"]`)
      ?? main.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!found && performance.now() < until) { frame = requestAnimationFrame(look); return; }
    const stop = found?.matches('input, select, textarea, button, a') ? found
      : found?.querySelector('input, select, textarea, button, a');
    (stop ?? found)?.focus();
    found?.scrollIntoView({ block: 'center' });
  };
  look();
  return () => cancelAnimationFrame(frame);
}
