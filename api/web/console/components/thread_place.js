// The place of the conversation: a word while none is open; the thread itself is fetched when someone is about to open one.
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { addTexts, t } from '../../shared/i18n.js';
import { addStyles } from '../core/styles.js';
import { channels, channelsKnown } from '../store/directory.js';
import { counts } from '../store/rows.js';
import { may } from '../store/session.js';
import { lazy } from './lazy.js';

const SHEETS = ['message', 'composer'].map((name) => `styles/${name}.css`);

async function load() {
  const [module] = await Promise.all([import('./thread.js'), ...SHEETS.map(addStyles)]);
  return module.Thread;
}

/** The conversation `id`, with everything to read and answer it. */
export const Thread = lazy(load);

for (const sign of ['pointerover', 'keydown']) {
  addEventListener(sign, () => { load().catch(() => {}); }, { once: true, passive: true });
}

const FirstRun = lazy(async () => (await Promise.all([import('../settings/first_run.js'), addTexts('settings'),
  addStyles('settings/settings.css')]))[0].FirstRun);

export function EmptyThread() {
  if (channelsKnown.value && channels.value.length === 0 && may('channel:manage')) {
    return html`<section class="thread thread-none" aria-label=${t('thread.label')}><div class="thread-empty">
      <${FirstRun}/></div></section>`;
  }
  const { mine, unassigned } = counts.value;
  return html`<section class="thread thread-none" aria-label=${t('thread.label')}><div class="thread-empty">
    <${Icon} name="webchat" size=${24}/><p><strong>${t('thread.none')}</strong></p>
    ${mine !== null && html`<p>${t('thread.none_counts', { mine: String(mine), unassigned: String(unassigned) })}</p>`}
    <p class="hint"><kbd>J</kbd> <kbd>K</kbd> ${t('thread.none_keys')} · <kbd>?</kbd> ${t('command.help')}</p></div>
      </section>`;
}
