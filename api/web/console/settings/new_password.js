// A field for a password, and for a new one with an honest word on how long it would stand.
import { useId, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { wrongAt } from './form.js';
import { Notes } from './fields.js';

export const SHORTEST = 10;

export function Secret({ form, name, label, hint, children, ...more }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const wrong = wrongAt(form.problem, name);
  const { problem, ...bound } = form.bind(name);
  return html`<div class="field"><label for=${id}>${label}</label>
    <div class="secret"><input id=${id} type=${shown ? 'text' : 'password'} ...${bound} ...${more} autocapitalize="none"
        spellcheck=${false} aria-invalid=${wrong ? 'true' : null} aria-describedby=${`${id}-notes`}/>
      <button type="button" class="icon-button" aria-pressed=${shown ? 'true' : 'false'}
          aria-label=${t('password.show', { name: label })} title=${t('password.show', { name: label })}
          onClick=${() => setShown(!shown)}>
        <${Icon} name="eye" size=${16}/></button></div>
    ${children}<${Notes} id=${id} wrong=${wrong} hint=${hint}/></div>`;
}

export function NewPassword({ form, name = 'password', email = '', label, ...more }) {
  const given = form.values[name] ?? '';
  const { level, words } = judged(given, email);
  return html`<${Secret} form=${form} name=${name} label=${label} autocomplete="new-password" minlength=${SHORTEST}
      maxlength="128" hint=${t('password.rule')} ...${more}>
    <span class=${`strength s${level}`} role="status">${given && html`<span class="strength-bar" aria-hidden="true">
      ${[1, 2, 3].map((n) => html`<span key=${n} class=${n <= level ? 'on' : ''}></span>`)}</span>`}${words}</span><//>`;
}

/**
 * level 0 (would be refused) to 3, and what to say. Length is what counts; signs swapped for letters hardly do.
 * It cannot know what is on the server's list of guessed passwords, and so promises nothing.
 */
function judged(password, email) {
  if (!password) return { level: 0, words: '' };
  const length = [...password].length;
  if (length < SHORTEST) return { level: 0, words: t('password.more', { count: SHORTEST - length }) };
  const folded = password.toLowerCase();
  const local = email.split('@')[0].toLowerCase();
  const distinct = new Set(folded).size;
  if (distinct < 4 || /^(.{1,4})\1+$/.test(folded)) return { level: 0, words: t('password.repeats') };
  if (local.length > 2 && folded.includes(local) && local.length * 2 >= folded.length) {
    return { level: 0, words: t('password.has_email') };
  }
  if (/^[a-z]+[\d!@#$%&*.]*$/.test(folded) && length < 14) return { level: 1, words: t('password.guessable') };
  if (length >= 16 && distinct >= 8) return { level: 3, words: t('password.strong') };
  return { level: 2, words: t('password.fair') };
}
