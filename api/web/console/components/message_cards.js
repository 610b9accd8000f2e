// Messages that are not words or files: a place, people, a chosen button, something we cannot show.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { number, t } from '../../shared/i18n.js';

export function Cards({ message }) {
  const { kind, content = {} } = message;
  if (kind === 'location') return html`<${Place} place=${content}/>`;
  if (kind === 'contacts') return html`${(content.contacts ?? []).map((person,
    index) => html`<${Person} key=${index} person=${person}/>`)}`;
  if (kind === 'interactive') return html`<${Choice} choice=${content}/>`;
  if (kind === 'unsupported') return html`<p class="unsupported"><${Icon} name="help" size=${16}/>
    ${t('kind.unsupported_type', { type: content.type || '?' })}</p>`;
  return null;
}

function Place({ place }) {
  const { latitude, longitude, name, address } = place;
  const where = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  const spot = `${number(latitude, { maximumFractionDigits: 5 })}; ${number(longitude, { maximumFractionDigits: 5 })}`;
  return html`<a class="card place" href=${where} target="_blank" rel="noopener noreferrer">
    <span class="place-map" aria-hidden="true"><${Icon} name="pin" size=${24}/></span>
    <span class="card-words"><b>${name || t('kind.location')}</b>
      ${address && html`<span>${address}</span>`}<span class="hint">${spot}</span></span></a>`;
}

function Person({ person }) {
  return html`<div class="card person"><${Icon} name="card" size=${24}/>
    <span class="card-words"><b>${person.name}</b>
      ${(person.phones ?? []).map((phone) => html`<a key=${phone} href=${`tel:${phone}`}>${phone}</a>`)}
      ${(person.emails ?? []).map((mail) => html`<a key=${mail} href=${`mailto:${mail}`}>${mail}</a>`)}</span></div>`;
}

function Choice({ choice }) {
  return html`<div class="card choice"><${Icon} name="accept" size=${20}/>
    <span class="card-words"><span class="hint">
      ${t(choice.type === 'list_reply' ? 'kind.list_reply' : 'kind.button_reply')}</span>
      <b>${choice.title}</b>${choice.description && html`<span>${choice.description}</span>`}</span></div>`;
}
