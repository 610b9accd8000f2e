// The list column: views with live counts, search, filters, and a window of rows that never moves under the pointer.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { number, t } from '../../shared/i18n.js';
import { inboxHash, route, VIEWS } from '../core/router.js';
import { held, hits, letIn, loadMore, pages, reload, searchText, shown, view, waitingIn } from '../store/inbox.js';
import { counts } from '../store/rows.js';
import { Filters } from './filters.js';
import { SearchHits } from './search_hits.js';
import { Row, ROW_HEIGHT } from './row.js';

const SPARE = 6;

export function InboxList() {
  return html`<section class="list" aria-label=${t('inbox.label')}>
    <header class="list-head">
      <div class="search-line"><${Search}/><${Filters}/></div>
      <${Views}/>
    </header>
    <${Rows}/>
  </section>`;
}

function Views() {
  return html`<nav class="views" aria-label=${t('inbox.views')}>${VIEWS.map((name) => html`
    <a key=${name} class="view" href=${inboxHash(name)} aria-current=${view.value === name ? 'page' : null}>
      ${t(`view.${name}`)} <span class="view-count">${countOf(counts.value[name])}</span></a>`)}</nav>`;
}

/** Nothing is better than a zero that is not known yet. */
function countOf(value) { return value === null ? '' : value > 9999 ? '9999+' : number(value); }

function Search() {
  const [text, setText] = useState(searchText.peek());
  useEffect(() => {
    const timer = setTimeout(() => { searchText.value = text.trim(); }, 220);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<div class="search"><${Icon} name="search" size=${16}/>
    <input id="search" type="search" value=${text} placeholder=${t('inbox.search')} aria-label=${t('inbox.search')}
        autocomplete="off"
      onInput=${(event) => setText(event.target.value)}
      onKeyDown=${(event) => { if (event.key === 'Escape') { setText(''); event.target.blur(); } }}/></div>`;
}

function Rows() {
  const scroller = useRef(null);
  const [area, setArea] = useState({ top: 0, height: 600 });
  const ids = shown.value;
  const { state, problem, cursor } = pages.value;
  const over = useRef(false);
  const measure = () => {
    const { scrollTop, clientHeight, scrollHeight } = scroller.current;
    setArea((was) => (was.top === scrollTop && was.height === clientHeight ? was
      : { top: scrollTop, height: clientHeight }));
    held.value = over.current || scrollTop > 4;
    if (scrollHeight - scrollTop - clientHeight < 10 * ROW_HEIGHT) loadMore();
  };
  useLayoutEffect(() => {
    const watch = new ResizeObserver(measure);
    watch.observe(scroller.current);
    return () => { watch.disconnect(); held.value = false; };
  }, []);
  useEffect(() => { scroller.current.scrollTop = 0; measure(); }, [view.value]);
  useEffect(measure, [ids.length, cursor]);
  useFocusRequests(scroller);
  const first = Math.max(0, Math.floor(area.top / ROW_HEIGHT) - SPARE);
  const last = Math.min(ids.length, Math.ceil((area.top + area.height) / ROW_HEIGHT) + SPARE);
  const cursorId = ids.includes(route.value.id) ? route.value.id : ids[0];
  const enter = (event) => { if (event.pointerType === 'mouse') { over.current = true; measure(); } };
  const leave = () => { over.current = false; measure(); };
  const toTop = () => { scroller.current.scrollTop = 0; letIn(); };
  return html`<div class="rows-frame" onPointerEnter=${enter} onPointerLeave=${leave}>
    <div role="status">${waitingIn.value > 0 &&
      html`<button class="let-in" onClick=${toTop}><${Icon} name="arrow-down" size=${16} class="flip"/>
        ${t('inbox.new', { count: waitingIn.value })}</button>`}</div>
    <div class="rows" data-rows="true" ref=${scroller} onScroll=${measure}
        aria-busy=${state === 'loading' ? 'true' : 'false'}>
      ${ids.length > 0 && html`<ul class="rows-all" role="list" aria-label=${t(`view.${view.value}`)}
          style=${{ height: `${ids.length * ROW_HEIGHT}px` }}>
        ${ids.slice(first, last).map((id,
          index) => html`<${Row} key=${id} id=${id} index=${first + index} total=${ids.length}
          view=${view.value} open=${route.value.id === id} stop=${cursorId === id}/>`)}</ul>`}
      ${state === 'loading' && ids.length === 0 && html`<${Skeletons}/>`}
      ${state === 'more' && html`<p class="list-foot" role="status">${t('state.loading')}</p>`}
      ${problem && html`<div class="list-empty" role="alert"><${Icon} name="alert" size=${24}/><p>${problem.message}</p>
        <button class="button" onClick=${reload}>${t('action.retry')}</button></div>`}
      ${hits.value.length > 0 && html`<${SearchHits}/>`}
      ${state === 'ready' && ids.length === 0 && !problem && hits.value.length === 0 && html`<${Empty}/>`}
    </div></div>`;
}

/** Scrolls a row into the window when the keyboard asks for it, and focuses it once it is drawn. */
function useFocusRequests(scroller) {
  useEffect(() => {
    const focus = ({ detail: { id, index } }) => {
      const box = scroller.current;
      const top = index * ROW_HEIGHT;
      if (top < box.scrollTop) box.scrollTop = top;
      if (top + ROW_HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW_HEIGHT - box.clientHeight;
      requestAnimationFrame(() => requestAnimationFrame(() => box.querySelector(`[data-row="${id}"]`)?.focus({ preventScroll: true })));
    };
    document.addEventListener('list:focus', focus);
    return () => document.removeEventListener('list:focus', focus);
  }, []);
}

function Skeletons() {
  return html`<div class="skeletons" aria-hidden="true">
    ${[1, 2, 3, 4, 5, 6].map((n) => html`<div class="skeleton-row" key=${n}></div>`)}</div>`;
}

function Empty() {
  const key = searchText.value ? 'search' : view.value;
  return html`<div class="list-empty" role="status"><${Icon} name=${searchText.value ? 'search' : 'inbox'} size=${24}/>
    <p><strong>${t(`empty.${key}`)}</strong></p><p>${t(`empty.${key}_hint`)}</p></div>`;
}
