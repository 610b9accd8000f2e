// Words to the clipboard, and said aloud.
import { t } from '../../shared/i18n.js';
import { say } from './announce.js';

export async function copy(text) {
  await navigator.clipboard.writeText(text);
  say(t('message.copied'));
}
