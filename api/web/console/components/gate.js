// The frame of the pages before the console: one card, the name, the language.
import { html } from '../../shared/html.js';
import { LOCALES, locale, t, useCatalogue } from '../../shared/i18n.js';
import { save } from '../core/storage.js';

export function Gate({ title, children }) {
  const pick = async (event) => { await useCatalogue(event.target.value); save('locale', locale.value); };
  return html`<main class="gate"><div class="gate-card">
    <p class="brand"><img src="/web/console/icon.svg" alt="" width="28" height="28"/>Switchboard</p>
    <h1>${title}</h1>${children}</div>
    <label class="gate-language"><span class="sr-only">${t('settings.language')}</span>
      <select value=${locale.value} onChange=${pick}>
        ${LOCALES.map((tag) => html`<option key=${tag} value=${tag} selected=${tag === locale.value}>
          ${t(`language.${tag}`)}</option>`)}</select></label>
  </main>`;
}
