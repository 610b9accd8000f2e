// Keeping the present filters under a name.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { overlay } from '../commands/registry.js';
import { go, inboxHash, savedName } from '../core/router.js';
import { FILTERS, narrowing, place } from '../store/filters.js';
import { may } from '../store/session.js';
import { createView } from '../store/views.js';
import { Dialog } from './dialog.js';
import { Field, Refusal } from './field.js';
import { filterLabel } from './filter_names.js';
import { viewName } from './views_bar.js';

export function SaveView() {
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const query = narrowing.value;
  const close = () => { overlay.value = null; };
  const words = FILTERS.flatMap((name) => [query[name] ?? []].flat().map((value) => filterLabel(name, value)));
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setBusy(true);
    try {
      const made = await createView({ name: form.get('name').trim(), query, shared: form.has('shared') });
      close();
      go(inboxHash(savedName(made.id), place.peek().id, null, ''));
    } catch (refused) {
      setProblem(refused);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t('command.save_view')} class="view-dialog" onClose=${close}>
    <form class="form" onSubmit=${submit}><${Refusal} problem=${problem?.errors?.length ? null : problem}/>
      <${Field} label=${t('view.name')} name="name" type="text" required maxlength="60" autofocus autocomplete="off"
        defaultValue="" problem=${problem}/>
      <p class="hint">${[viewName(query.view), ...words, query.sort !== 'newest' && t(`sort.${query.sort}`)]
        .filter(Boolean).join(' · ')}</p>
      ${may('view:manage') && html`<label class="check-line"><input type="checkbox" name="shared"/>
        <span>${t('view.share')}</span></label>`}
      <div class="form-foot"><button type="button" class="button" onClick=${close}>${t('action.cancel')}</button>
        <button class="button primary" disabled=${busy}>${t('action.save')}</button></div></form>
  <//>`;
}
