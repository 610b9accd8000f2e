// Messages that hold the searched words, each leading to its place in the thread.
import { html } from '../../shared/html.js';
import { listTime, t } from '../../shared/i18n.js';
import { now } from '../core/clock.js';
import { inboxHash } from '../core/router.js';
import { hits } from '../store/inbox.js';

export function SearchHits() {
  return html`<section class="hits" aria-label=${t('search.messages')}>
    <h2>${t('search.messages')}</h2>
    <ul role="list">${hits.value.map((hit) => html`<li key=${hit.message.id}>
      <a class="hit" href=${inboxHash('all', hit.conversation_id, hit.message.seq)}>
        <span class="hit-name">${hit.contact?.name || t('contact.unnamed')}</span>
        <time datetime=${hit.message.created_at}>${listTime(hit.message.created_at, now())}</time>
        <span class="hit-words"><${Snippet} text=${hit.snippet}/></span></a></li>`)}</ul>
  </section>`;
}

/** The server wraps each hit in two private characters. */
function Snippet({ text }) {
  return text.split('\ue000').map((part, index) => {
    if (index === 0) return part;
    const [marked, rest = ''] = part.split('\ue001');
    return html`<mark>${marked}</mark>${rest}`;
  });
}
