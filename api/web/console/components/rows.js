// A window of rows that never moves under the pointer or the reading eye.
import { useEffect, useLayoutEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { memo } from '../../shared/memo.js';
import { route } from '../core/router.js';
import { place } from '../store/filters.js';
import { held, letIn, loadMore, pages, shown, waitingIn } from '../store/inbox.js';
import { picked, picking, refusals } from '../store/selection.js';
import { lazy } from './lazy.js';
import { Refused, Skeletons } from './list_states.js';
import { Row, ROW_HEIGHT } from './row.js';

const Empty = lazy(() => import('./empty.js').then((module) => module.Empty));
const SPARE = 6;

/** `name` labels the list. */
export const Rows = memo(({ name }) => {
  const scroller = useRef(null);
  const [area, setArea] = useState({ top: 0, height: 600 });
  const ids = shown.value;
  const { view, query } = place.value;
  const { state, problem, cursor } = pages.value;
  const over = useRef(false);
  const measure = () => {
    const { scrollTop, clientHeight, scrollHeight } = scroller.current;
    setArea((was) => (was.top === scrollTop && was.height === clientHeight ? was
      : { top: scrollTop, height: clientHeight }));
    held.value = over.current || scrollTop > 4 || picked.peek().size > 0;
    if (scrollHeight - scrollTop - clientHeight < 20 * ROW_HEIGHT) loadMore();
  };
  useLayoutEffect(() => {
    const watch = new ResizeObserver(measure);
    watch.observe(scroller.current);
    return () => { watch.disconnect(); held.value = false; };
  }, []);
  useEffect(() => { scroller.current.scrollTop = 0; measure(); }, [view, query]);
  // Also when the first page came anew and the next one was dropped with it: nobody may scroll again.
  useEffect(measure, [ids.length, cursor, state === 'ready', picked.value.size > 0]);
  useFocusRequests(scroller);
  const first = Math.max(0, Math.floor(area.top / ROW_HEIGHT) - SPARE);
  const last = Math.min(ids.length, Math.ceil((area.top + area.height) / ROW_HEIGHT) + SPARE);
  const cursorId = ids.includes(route.value.id) ? route.value.id : ids[0];
  const enter = (event) => { if (event.pointerType === 'mouse') { over.current = true; measure(); } };
  const leave = () => { over.current = false; measure(); };
  const toTop = () => { scroller.current.scrollTop = 0; letIn(); };
  const choosing = picking.value || picked.value.size > 0;
  return html`<div class=${`rows-frame ${choosing ? 'choosing' : ''}`} onPointerEnter=${enter} onPointerLeave=${leave}>
    <div role="status">${waitingIn.value > 0 &&
      html`<button class="let-in" onClick=${toTop}><${Icon} name="arrow-down" size=${16} class="flip"/>
        ${t('inbox.new', { count: waitingIn.value })}</button>`}</div>
    <div class="rows" data-rows="true" ref=${scroller} onScroll=${measure}
        aria-busy=${state === 'loading' ? 'true' : 'false'}>
      ${ids.length > 0 && html`<ul class="rows-all" role="list" aria-label=${name}
          style=${{ height: `${ids.length * ROW_HEIGHT}px` }}>
        ${ids.slice(first, last).map((id, index) => html`<${Row} key=${id} id=${id} index=${first + index}
          total=${ids.length} view=${view} query=${query} open=${route.value.id === id} stop=${cursorId === id}
          picked=${picked.value.has(id)} refusal=${refusals.value.get(id)}/>`)}</ul>`}
      ${state === 'loading' && ids.length === 0 && html`<${Skeletons}/>`}
      ${state === 'more' && html`<p class="list-foot" role="status">${t('state.loading')}</p>`}
      ${problem && html`<${Refused}/>`}
      ${state === 'ready' && ids.length === 0 && !problem && html`<${Empty}/>`}
    </div></div>`;
});

/** Scrolls a row into the window when the keyboard asks for it, and focuses it once it is drawn. */
function useFocusRequests(scroller) {
  useEffect(() => {
    const focus = ({ detail: { id, index } }) => {
      const box = scroller.current;
      const top = index * ROW_HEIGHT;
      if (top < box.scrollTop) box.scrollTop = top;
      if (top + ROW_HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW_HEIGHT - box.clientHeight;
      const reach = () => box.querySelector(`[data-row="${id}"]`)?.focus({ preventScroll: true });
      // At once when it is drawn already: what is typed next must act on it.
      reach();
      requestAnimationFrame(() => requestAnimationFrame(reach));
    };
    document.addEventListener('list:focus', focus);
    return () => document.removeEventListener('list:focus', focus);
  }, []);
}
