// The settings as choices of the command bar: every page, and every setting on it, by its own words.
import { t } from '../../shared/i18n.js';
import { go } from '../core/router.js';
import { openPlaces } from './places.js';

/** [{id, name, hint, run}] of what this person may open. */
export function settingsFound() {
  return openPlaces().flatMap((place) => {
    const page = t(`place.${place.id}`);
    const words = place.words.filter(([, more]) => !more.may || more.may());
    return [{ id: `place-${place.id}`, name: page, hint: t('rail.settings'), run: () => go(`#/settings/${place.id}`) },
      ...words.map(([key, { focus, path }]) => ({ id: `place-${place.id}-${key}`, name: t(key), hint: page,
        run: () => go(path ? `#/settings/${path}` : `#/settings/${place.id}?focus=${focus}`) }))];
  });
}
