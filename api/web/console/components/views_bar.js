// The views: two that everybody needs, the one that is open, and all others behind a button; each with its live count.
import { effect, signal } from '../../vendor/signals.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { number, t } from '../../shared/i18n.js';
import { overlay } from '../commands/registry.js';
import { inboxHash, savedName, VIEWS } from '../core/router.js';
import { load, save } from '../core/storage.js';
import { isEdited, narrowed, place } from '../store/filters.js';
import { counts } from '../store/rows.js';
import { picking } from '../store/selection.js';
import { refreshViews, savedView, savedViews } from '../store/views.js';
import { MenuItem, Popover } from './popover.js';

const FIRST = ['mine', 'unassigned'];

/** The view in the third place: the last one chosen from behind the button. */
const third = signal(load('third-view', 'all'));
effect(() => {
  const { view } = place.value;
  if (FIRST.includes(view) || view === third.peek()) return;
  third.value = view;
  save('third-view', view);
});

export function viewName(view = place.value.view) {
  if (VIEWS.includes(view)) return t(`view.${view}`);
  return savedView(view.slice(savedName('').length))?.name ?? t('view.saved');
}

function countOf(view) {
  const value = VIEWS.includes(view) ? counts.value[view] : counts.value.views?.[view.slice(savedName('').length)];
  // Nothing is better than a zero that is not known yet; the server counts to a thousand.
  return value === null || value === undefined ? '' : value >= 1000 ? `${number(999)}+` : number(value);
}

function isKnown(view) { return VIEWS.includes(view) || savedViews.value === null || viewName(view) !== t('view.saved'); }

export function ViewsBar() {
  const here = place.value.view;
  const last = isKnown(third.value) || here === third.value ? third.value : 'all';
  const news = counts.value.mentions > 0 && here !== 'mentions';
  return html`<nav class="views" aria-label=${t('inbox.views')}>
    ${[...FIRST, last].map((view) => html`<a key=${view} class=${`view ${view === last ? 'third' : ''}`}
        href=${inboxHash(view, null, null, '')} title=${viewName(view)} aria-current=${here === view ? 'page' : null}>
      <span class="view-name">${viewName(view)}</span> <span class="view-count">${countOf(view)}</span></a>`)}
    <${Popover} label=${t('view.more')} class="icon-button view-more" boxClass="views-menu" act="views"
        onOpen=${refreshViews} button=${html`<${Icon} name="down"/>${news && html`<span class="news-dot"></span>`}`}>
      ${(close) => html`<${Menu} here=${here} close=${close}/>`}<//>
  </nav>`;
}

function Menu({ here, close }) {
  const views = savedViews.value ?? [];
  const own = views.filter((view) => !view.shared);
  const shared = views.filter((view) => view.shared);
  const item = (view) => html`<a key=${view} class="menu-item" role="menuitem" href=${inboxHash(view, null, null, '')}
      aria-current=${here === view ? 'page' : null} onClick=${() => close()}>
    <${Icon} name=${ICONS[view] ?? 'bookmark'} size=${16}/><span class="menu-text">${viewName(view)}</span>
    <span class="view-count">${countOf(view)}</span></a>`;
  const group = (name, list) => list.length > 0 && html`<div role="group" class="menu-group" aria-label=${name}>
    <p class="menu-title" aria-hidden="true">${name}</p>${list.map((view) => item(savedName(view.id)))}</div>`;
  const float = (name) => () => { close(); requestAnimationFrame(() => { overlay.value = name; }); };
  return html`<div role="group" aria-label=${t('inbox.views')}>${VIEWS.map(item)}</div>
    ${group(t('view.own'), own)}${group(t('view.shared'), shared)}
    <div class="menu-group">
      ${(narrowed.value > 0 || isEdited.value) && html`<${MenuItem} icon=${html`<${Icon} name="plus" size=${16}/>`}
        onPick=${float('save_view')}>${t('command.save_view')}<//>`}
      <${MenuItem} icon=${html`<${Icon} name="settings" size=${16}/>`} onPick=${float('edit_views')}>
        ${t('command.edit_views')}<//>
      <${MenuItem} icon=${html`<${Icon} name="check" size=${16}/>`}
        onPick=${() => { picking.value = true; close(); }}>${t('command.pick_rows')}<//></div>`;
}

const ICONS = { mine: 'user', unassigned: 'inbox', mentions: 'mention', snoozed: 'snooze', bots: 'bot', all: 'webchat',
  closed: 'archive' };
