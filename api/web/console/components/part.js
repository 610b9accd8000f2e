// Pieces of the open conversation that are fetched when first needed, with the texts and styles that only they use.
import { addTexts } from '../../shared/i18n.js';
import { addStyles } from '../core/styles.js';
import { lazy } from './lazy.js';

let ready = null;

/** Texts and styles of all such pieces; resolves when they are in force. */
export function more() {
  ready ??= Promise.all([addTexts('thread'), addStyles('styles/more.css')])
    .catch((problem) => { ready = null; throw problem; });
  return ready;
}

/** The component `name` of the module that `load` fetches. */
export function part(load, name) {
  return lazy(async () => {
    const [module] = await Promise.all([load(), more()]);
    return module[name];
  });
}
