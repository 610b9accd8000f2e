// The saved views in a list: rename, share, order, delete.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { overlay } from '../commands/registry.js';
import { go, inboxHash } from '../core/router.js';
import { say } from '../store/announce.js';
import { place } from '../store/filters.js';
import { may } from '../store/session.js';
import { changeView, mayChange, moveView, removeView, savedViews } from '../store/views.js';
import { Dialog } from './dialog.js';
import { Refusal } from './field.js';

export function EditViews() {
  const [problem, setProblem] = useState(null);
  const views = savedViews.value ?? [];
  const own = views.filter(mayChange);
  const attempt = async (work) => {
    setProblem(null);
    try { await work(); } catch (refused) { setProblem(refused); }
  };
  return html`<${Dialog} title=${t('command.edit_views')} class="view-dialog" onClose=${() => { overlay.value = null; }}>
    <${Refusal} problem=${problem}/>
    ${views.length === 0 && html`<p class="hint">${t('view.none')}</p>`}
    <ul class="view-list" role="list">${views.map((view) => html`<${Line} key=${view.id} view=${view}
      first=${own[0] === view} last=${own.at(-1) === view} attempt=${attempt}/>`)}</ul>
  <//>`;
}

function Line({ view, first, last, attempt }) {
  const [asking, setAsking] = useState(false);
  const { id, name, shared } = view;
  if (!mayChange(view)) {
    return html`<li class="view-line"><${Icon} name="bookmark" size=${16}/><span class="view-fixed">${name}</span>
      <span class="hint">${t('view.shared_mark')}</span></li>`;
  }
  const rename = (event) => {
    const words = event.target.value.trim();
    if (!words) event.target.value = name;
    else if (words !== name) attempt(() => changeView(id, { name: words }));
  };
  const move = (step) => attempt(async () => { await moveView(id, step); say(t('view.moved', { name })); });
  const remove = () => attempt(async () => {
    await removeView(id);
    if (place.peek().saved === id) go(inboxHash('mine'));
  });
  const button = (icon, label, run, disabled = false, extra = '') => html`<button type="button"
    class="icon-button small" aria-label=${label} title=${label} disabled=${disabled} onClick=${run}>
    <${Icon} name=${icon} size=${16} class=${extra}/></button>`;
  return html`<li class="view-line">
    <input type="text" value=${name} aria-label=${t('view.rename', { name })} maxlength="60" onChange=${rename}
      onKeyDown=${(event) => { if (event.key === 'Enter') event.target.blur(); }}/>
    ${may('view:manage') && html`<label class="check-line"><input type="checkbox" checked=${shared}
      onChange=${(event) => { const wanted = event.target.checked;
        attempt(() => changeView(id, { shared: wanted })); }}/><span>${t('view.shared_mark')}</span></label>`}
    ${button('down', t('view.up', { name }), () => move(-1), first, 'flip')}
    ${button('down', t('view.down', { name }), () => move(1), last)}
    ${asking ? html`<button type="button" class="button small danger" onClick=${remove}>${t('view.remove_sure')}</button>`
      : button('trash', t('view.remove', { name }), () => setAsking(true))}</li>`;
}
