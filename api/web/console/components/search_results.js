// What the search found, in groups: open conversations, closed ones, and messages that lead to their place.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { listTime, t } from '../../shared/i18n.js';
import { now } from '../core/clock.js';
import { inboxHash, route } from '../core/router.js';
import { narrowed, place, searchText, clearFilters } from '../store/filters.js';
import { goToMessage } from '../store/find.js';
import { found, search } from '../store/search.js';
import { ListState, Skeletons } from './list_states.js';
import { Row } from './row.js';
import { Snippet } from './snippet.js';

export function SearchResults() {
  const { state, open, closed, hits, problem, more } = found.value;
  const { view, query, id } = place.value;
  const none = open.length + closed.length + hits.length === 0;
  const q = searchText.value;
  const rows = (ids) => ids.map((one, index) => html`<${Row} key=${one} id=${one} view=${view} query=${query} q=${q}
    open=${id === one} stop=${index === 0}/>`);
  if (problem) {
    return html`<${ListState} icon="alert" alert=${true} title=${t('search.failed')} words=${problem.message}>
      <button class="button" onClick=${search}>${t('action.retry')}</button><//>`;
  }
  return html`<div class="rows found" data-rows="true" aria-busy=${state === 'loading' ? 'true' : 'false'}>
    <p class="sr-only" role="status">${state === 'ready' && t('search.said',
      { rows: open.length + closed.length, messages: hits.length })}</p>
    ${state === 'loading' && none && html`<${Skeletons}/>`}
    ${open.length > 0 && html`<${Group} name=${t('search.open')} count=${open.length}>${rows(open)}<//>`}
    ${closed.length > 0 && html`<${Group} name=${t('search.closed')} count=${closed.length}>${rows(closed)}<//>`}
    ${hits.length > 0 && html`<${Group} name=${t('search.messages')} count=${hits.length}>
      ${hits.map((hit) => html`<${Hit} key=${hit.message.id} hit=${hit} view=${view} query=${query}/>`)}<//>`}
    ${more && html`<p class="list-foot">${t('search.more')}</p>`}
    ${state === 'ready' && none && html`<${ListState} icon="search" title=${t('empty.search')}
        words=${t('empty.search_hint')}>
      ${narrowed.value > 0 && html`<button class="button" onClick=${clearFilters}>${t('filter.clear_all')}</button>`}
    <//>`}
  </div>`;
}

function Group({ name, count, children }) {
  return html`<section class="found-group" aria-label=${name}><h2>${name} <span class="view-count">${count}</span></h2>
    <ul role="list">${children}</ul></section>`;
}

function Hit({ hit: { message, contact, conversation_id: id, snippet }, view, query }) {
  const again = (event) => {
    if (route.peek().id !== id || route.peek().at !== message.seq) return;
    event.preventDefault();
    goToMessage(id, message.seq);
  };
  return html`<li><a class="hit" data-result="true" href=${inboxHash(view, id, message.seq, query)} onClick=${again}>
    <span class="hit-name">${contact?.name || t('contact.unnamed')}</span>
    <time datetime=${message.created_at}>${listTime(message.created_at, now())}</time>
    <span class="hit-words">${message.note && html`<${Icon} name="note" size=${16} label=${t('note.label')}/> `}
      ${message.author !== 'customer' && html`<b>${message.author_name || t(`author.${message.author}`)}: </b>`}
      <${Snippet} text=${snippet}/></span></a></li>`;
}
