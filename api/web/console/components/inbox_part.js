// Pieces around the list that are fetched when first needed, with the texts and styles that only they use.
import { addTexts } from '../../shared/i18n.js';
import { addStyles } from '../core/styles.js';
import { lazy } from './lazy.js';

/** The component `name` of the module that `load` fetches. */
export function inboxPart(load, name) {
  return lazy(async () => {
    const [module] = await Promise.all([load(), addTexts('inbox'), addStyles('styles/inbox_parts.css')]);
    return module[name];
  });
}
