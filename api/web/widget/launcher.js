/* What the button shows: whether the chat is open, and how much is unread. */
import { effect } from '../vendor/signals.js';
import { t } from './text.js';

const MOST = 9;

export function showOnLauncher({ button, open, unread }) {
  const badge = button.querySelector('.badge');
  effect(() => {
    const count = open.value ? 0 : unread.value;
    badge.textContent = count > MOST ? `${MOST}+` : count || '';
    button.setAttribute('aria-expanded', String(open.value));
    button.setAttribute('aria-label', open.value ? t('close') : count ? t('open_unread', { count }) : t('open'));
  });
}
