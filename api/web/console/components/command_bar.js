// The command bar: every act, every known conversation and every setting, found by typing.
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { addTexts, t } from '../../shared/i18n.js';
import { commands, overlay, takeTyped } from '../commands/registry.js';
import { keyName } from '../commands/keys.js';
import { go, inboxHash } from '../core/router.js';
import { inView, knownRows } from '../store/rows.js';
import { contactName } from './avatar.js';
import { Dialog } from './dialog.js';

const SHOWN_PEOPLE = 8;

export function CommandBar() {
  const [words, setWords] = useState(takeTyped);
  const [index, setIndex] = useState(0);
  const list = useRef(null);
  const [settings, setSettings] = useState([]);
  const found = choices(words, settings);
  const close = () => { overlay.value = null; };
  const pick = (choice) => { close(); requestAnimationFrame(choice.run); };
  useEffect(() => {
    Promise.all([import('../settings/found.js'), addTexts('settings')])
      .then(([{ settingsFound }]) => setSettings(settingsFound()), () => {});
  }, []);
  useEffect(() => { list.current?.children[index]?.scrollIntoView({ block: 'nearest' }); }, [index]);
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { event.preventDefault(); setIndex((index + step + found.length) % found.length); }
    if (event.key === 'Enter' && found[index]) { event.preventDefault(); pick(found[index]); }
  };
  return html`<${Dialog} bare=${true} title=${t('command.commands')} class="command-bar" onClose=${close}>
    <input autofocus type="text" role="combobox" aria-expanded="true" aria-controls="command-list"
        aria-activedescendant=${found[index] ? `command-${index}` : null}
      aria-label=${t('commands.search')} placeholder=${t('commands.search')} value=${words} autocomplete="off"
          onInput=${(event) => { setWords(event.target.value); setIndex(0); }} onKeyDown=${keys}/>
    <div id="command-list" class="command-list" role="listbox" aria-label=${t('command.commands')} ref=${list}>
      ${found.map((choice, place) => html`
      <div key=${choice.id} id=${`command-${place}`} class="command" role="option"
          aria-selected=${place === index ? 'true' : 'false'} onMouseMove=${() => setIndex(place)}
              onClick=${() => pick(choice)}>
        <span>${choice.name}</span>${choice.hint &&
          html`<span class="hint">${choice.hint}</span>`}${choice.keys?.[0] &&
            html`<kbd>${keyName(choice.keys[0])}</kbd>`}</div>`)}</div>
    ${found.length === 0 && html`<p class="command-none" role="status">${t('commands.none')}</p>`}
  <//>`;
}

function choices(words, settings) {
  const plain = (text) => text.toLocaleLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const parts = plain(words).split(/\s+/).filter(Boolean);
  const fits = (text) => parts.every((part) => plain(text).includes(part));
  const acts = commands.filter((command) => command.id !== 'commands' && command.when())
    .map((command) => ({ ...command, name: t(`command.${command.id}`) })).filter((command) => fits(command.name));
  // What begins with the words comes before what only holds them.
  const begins = ({ name }) => plain(name).split(/\s+/).some((word) => word.startsWith(parts[0]));
  if (parts.length) acts.sort((one, two) => begins(two) - begins(one));
  if (parts.length === 0) return acts;
  const people = knownRows().filter((row) => fits(`${contactName(row.contact)} ${row.contact.handle ?? ''}`)).slice(0,
    SHOWN_PEOPLE)
    .map((row) => ({ id: row.id, name: contactName(row.contact), hint: row.channel.name,
      run: () => go(inboxHash(homeView(row), row.id)) }));
  const places = settings.filter((one) => fits(`${one.name} ${one.hint}`));
  return [...acts, ...people, ...places];
}

function homeView(row) { return ['mine', 'unassigned', 'all', 'snoozed', 'closed'].find((view) => inView(row, view)); }
