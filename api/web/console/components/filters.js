// The two buttons beside the search: in which order, and narrowed to what.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { narrowed, narrowing, setSort, SORTS } from '../store/filters.js';
import { inboxPart } from './inbox_part.js';
import { MenuItem, Popover } from './popover.js';

const FilterBox = inboxPart(() => import('./filter_box.js'), 'FilterBox');

export function Sort() {
  const sort = narrowing.value?.sort ?? 'newest';
  return html`<${Popover} label=${t('sort.label', { order: t(`sort.${sort}`) })} act="sort"
      class=${`icon-button ${sort === 'newest' ? '' : 'on'}`} button=${html`<${Icon} name="sort"/>`}>
    ${(close) => SORTS.map((one) => html`<${MenuItem} key=${one} checked=${sort === one}
        onPick=${() => { close(); setSort(one); }}>${t(`sort.${one}`)}<//>`)}<//>`;
}

export function Filters() {
  const set = narrowed.value;
  const label = set ? t('filter.active', { count: set }) : t('filter.label');
  return html`<${Popover} label=${label} role="dialog" boxClass="filter-box" act="filter"
      class=${`icon-button ${set ? 'on' : ''}`} button=${html`<${Icon} name="filter"/>`}>
    ${(close) => html`<${FilterBox} onClose=${close}/>`}<//>`;
}
