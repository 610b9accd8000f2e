// What all tabs of this browser show alike: theme, language, presence, ways of working.
import { locale, useCatalogue } from '../../shared/i18n.js';
import { hearTabs, onKept, tellTabs } from '../core/tabs.js';
import { ownState } from './directory.js';
import { preferences } from './notifications.js';
import { afterClose, sendKey } from './preferences.js';
import { paintTheme } from './session.js';

onKept('theme', paintTheme);
onKept('locale', (tag) => { if (tag && tag !== locale.peek()) useCatalogue(tag); });
onKept('presence', (state) => { if (state) ownState.value = state; });
onKept('send-key', (key) => { if (key) sendKey.value = key; });
onKept('after-close', (way) => { if (way) afterClose.value = way; });

document.addEventListener('notifications:preferences', ({ detail }) => tellTabs('preferences', detail));
hearTabs('preferences', (wished) => { preferences.value = wished; });
