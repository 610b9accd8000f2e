// What the list is narrowed by, each as a chip that can be taken away, and the ways to keep it.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { overlay } from '../commands/registry.js';
import { go, inboxHash } from '../core/router.js';
import { notify } from '../store/announce.js';
import { clearFilters, FILTERS, flipFilter, isEdited, narrowing, place, setFilter } from '../store/filters.js';
import { changeView, mayChange, savedView } from '../store/views.js';
import { filterLabel } from './filter_names.js';

export function Chips() {
  const wanted = narrowing.value ?? {};
  const all = FILTERS.flatMap((name) => [wanted[name] ?? []].flat().map((value) => ({ name, value })));
  const drop = ({ name, value }) => (Array.isArray(wanted[name]) ? flipFilter(name, value) : setFilter(name, null));
  return html`<div class="chips" role="group" aria-label=${t('filter.chips')}>
    ${all.map((one) => html`<span class="chip" key=${`${one.name}-${one.value}`}>
      <span class="chip-name" title=${filterLabel(one.name, one.value)}>${filterLabel(one.name, one.value)}</span>
      <button type="button" class="icon-button tiny" onClick=${() => drop(one)}
        aria-label=${t('filter.drop', { name: filterLabel(one.name, one.value) })}>
        <${Icon} name="close" size=${12}/></button></span>`)}
    <${Keep} wanted=${wanted}/>
    ${all.length > 1 && html`<button type="button" class="chip-act" onClick=${clearFilters}>
      ${t('filter.clear_all')}</button>`}</div>`;
}

function Keep({ wanted }) {
  const saved = place.value.saved && savedView(place.value.saved);
  const keep = async () => {
    try {
      await changeView(saved.id, { query: wanted });
      go(inboxHash(place.peek().view, place.peek().id, null, ''));
    } catch (problem) {
      notify(problem.message);
    }
  };
  if (saved && !isEdited.value) return null;
  return html`${saved && mayChange(saved) && html`<button type="button" class="chip-act" onClick=${keep}>
      ${t('view.keep')}</button>`}
    <button type="button" class="chip-act" onClick=${() => { overlay.value = 'save_view'; }}>
      ${t(saved ? 'view.save_as' : 'command.save_view')}</button>`;
}
