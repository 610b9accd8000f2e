// The list column: search, filters, views with live counts, and below them the rows or what was found.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { isEdited, narrowed, searchText, setSearch } from '../store/filters.js';
import { bulk, picked, picking } from '../store/selection.js';
import { Filters, Sort } from './filters.js';
import { inboxPart } from './inbox_part.js';
import { lazy } from './lazy.js';
import { Rows } from './rows.js';
import { viewName, ViewsBar } from './views_bar.js';
import { walkResults } from './walk_results.js';

const Chips = inboxPart(() => import('./chips.js'), 'Chips');
const BulkBar = inboxPart(() => import('./bulk_bar.js'), 'BulkBar');
const SearchResults = lazy(() => import('./search_results.js').then((module) => module.SearchResults));

export function InboxList() {
  const searching = Boolean(searchText.value);
  const acting = picked.value.size > 0 || picking.value || bulk.value;
  return html`<section class="list" aria-label=${t('inbox.label')} onKeyDown=${searching ? walkResults : null}>
    <header class="list-head">
      <div class="search-line"><${Search}/><${Sort}/><${Filters}/></div>
      <${ViewsBar}/>
      ${(narrowed.value > 0 || isEdited.value) && html`<${Chips}/>`}
    </header>
    ${searching ? html`<${SearchResults}/>` : html`<${Rows} name=${viewName()}/>`}
    ${acting && html`<${BulkBar}/>`}
  </section>`;
}

function Search() {
  const [text, setText] = useState(searchText.peek());
  const box = useRef(null);
  // The address may change it too: by a link, by the way back.
  useEffect(() => { if (searchText.value !== text.trim()) setText(searchText.value); }, [searchText.value]);
  useEffect(() => {
    const timer = setTimeout(() => { if (text.trim() !== searchText.peek()) setSearch(text.trim()); }, 220);
    return () => clearTimeout(timer);
  }, [text]);
  const keys = (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    setText('');
    setSearch('');
    box.current.blur();
  };
  return html`<div class="search" role="search"><${Icon} name="search" size=${16}/>
    <input id="search" type="search" ref=${box} value=${text} placeholder=${t('inbox.search')}
      aria-label=${t('inbox.search')} autocomplete="off" onInput=${(event) => setText(event.target.value)}
      onKeyDown=${keys}/></div>`;
}
