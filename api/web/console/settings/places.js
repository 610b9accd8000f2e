// Every settings page with the words by which it can be found; the navigation and the command bar read it.
import { may } from '../store/session.js';

const anyone = () => true;
const holding = (permission) => () => may(permission);

/** {id, icon, group, load, may, words}; a word is [catalogue key, {focus?, path?, may?}]: a setting on the page, or a page below it. */
export const PLACES = [
  { id: 'profile', icon: 'user', group: 'me', may: anyone, load: () => import('./profile.js'), words: [
    ['profile.name', { focus: 'name' }], ['profile.language', { focus: 'locale' }],
    ['profile.time_zone', { focus: 'time_zone' }], ['profile.theme', { focus: 'theme' }],
    ['profile.send_key', { focus: 'send_key' }], ['profile.after_close', { focus: 'after_close' }]] },
  { id: 'password', icon: 'lock', group: 'me', may: anyone, load: () => import('./password.js'), words: [
    ['password.change', { focus: 'current_password' }]] },
  { id: 'sessions', icon: 'device', group: 'me', may: anyone, load: () => import('./sessions.js'), words: [
    ['sessions.end_others', { focus: 'end_others' }]] },
  { id: 'notifications', icon: 'bell', group: 'me', may: anyone, load: () => import('./notifications.js'), words: [
    ['notify.browser_title', { focus: 'browser' }], ['notify.sound_title', { focus: 'sound' }],
    ['notify.quiet', { focus: 'quiet' }]] },
  { id: 'organization', icon: 'building', group: 'organization', may: anyone, load: () => import('./organization.js'),
    words: [['organization.name', { focus: 'name' }], ['organization.language', { focus: 'locale' }],
      ['organization.time_zone', { focus: 'time_zone' }]] },
  { id: 'appearance', icon: 'palette', group: 'organization', may: anyone, load: () => import('./appearance.js'),
    words: [['appearance.accent', { focus: 'accent' }], ['appearance.logo', { focus: 'logo' }]] },
  { id: 'users', icon: 'users', group: 'people', may: holding('user:read'), load: () => import('./users.js'), words: [
    ['users.invite', { path: 'users/new', may: holding('user:manage') }]] },
  { id: 'departments', icon: 'tree', group: 'people', may: holding('department:read'),
    load: () => import('./departments.js'), words: [
      ['departments.add', { path: 'departments/new', may: holding('department:manage') }]] },
  { id: 'channels', icon: 'channel', group: 'work', may: holding('channel:read'), load: () => import('./channels.js'),
    words: [['channels.add_whatsapp', { path: 'channels/new/whatsapp', may: holding('channel:manage') }],
      ['channels.add_webchat', { path: 'channels/new/webchat', may: holding('channel:manage') }]] },
  { id: 'replies', icon: 'reply', group: 'work', may: () => may('conversation:reply') || may('canned:manage'),
    load: () => import('./replies.js'), words: [['replies.add', { path: 'replies/new' }]] },
  { id: 'tags', icon: 'tag', group: 'work', may: holding('conversation:read'), load: () => import('./tags.js'), words: [
    ['tagging.add', { focus: 'add', may: holding('tag:manage') }]] },
  { id: 'fields', icon: 'form', group: 'work', may: holding('contact:read'), load: () => import('./custom_fields.js'),
    words: [['fields.add', { focus: 'add', may: holding('field:manage') }]] },
  { id: 'about', icon: 'help', group: 'about', may: anyone, load: () => import('./about.js'), words: [
    ['about.version', { focus: 'version' }], ['about.api', { focus: 'api' }]] },
];

export const GROUPS = ['me', 'organization', 'people', 'work', 'about'];

/** What this person may open. */
export function openPlaces() { return PLACES.filter((place) => place.may()); }
