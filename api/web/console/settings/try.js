// The real chat on a page of our own: what is written here arrives in the inbox.
import { addTexts, bestLocale, t, useCatalogue } from '../../shared/i18n.js';
import { load } from '../core/storage.js';

const channel = new URLSearchParams(location.search).get('channel') ?? '';
const page = document.getElementById('page');

await useCatalogue(bestLocale([load('locale'), ...navigator.languages].filter(Boolean)));
await addTexts('settings');
const line = (name, text, look) => Object.assign(document.createElement(name), { textContent: text, className: look ?? '' });
document.title = t('webchat.try');
page.append(line('h1', t('try.title')), line('p', t('try.words')),
  ...['', 'short', '', '', 'short'].map((look) => line('div', '', `line ${look}`)));

const script = document.createElement('script');
script.src = '/widget.js';
script.dataset.channel = channel;
script.dataset.language = document.documentElement.lang;
document.head.append(script);
