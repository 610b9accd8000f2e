// Messages that are not words or files: a place, people, a chosen button, something we cannot show.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { part } from './part.js';

const Place = part(() => import('../media/place.js'), 'Place');
const Person = part(() => import('../media/person.js'), 'Person');

export function Cards({ message }) {
  const { kind, content = {} } = message;
  if (kind === 'location') return html`<div class="card-place"><${Place} place=${content}/></div>`;
  if (kind === 'contacts') return html`${(content.contacts ?? []).map((person, index) => html`<div class="person-place"
      key=${index}><${Person} person=${person}/></div>`)}`;
  if (kind === 'interactive') return html`<${Choice} choice=${content}/>`;
  if (kind === 'unsupported') return html`<p class="unsupported"><${Icon} name="help" size=${16}/>
    ${t('kind.unsupported_type', { type: content.type || '?' })}</p>`;
  return null;
}

function Choice({ choice }) {
  return html`<div class="card choice"><${Icon} name="accept" size=${20}/>
    <span class="card-words"><span class="hint">
      ${t(choice.type === 'list_reply' ? 'kind.list_reply' : 'kind.button_reply')}</span>
      <b dir="auto">${choice.title}</b>${choice.description && html`<span dir="auto">${choice.description}</span>`}
    </span></div>`;
}
