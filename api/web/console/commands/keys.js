// From a key to its command, unless someone is typing or something floats above the page.
import { findOpen } from '../store/finding.js';
import { status } from '../store/session.js';
import { commands, overlay, typedAhead } from './registry.js';

const byKey = new Map(commands.flatMap((command) => command.keys.map((key) => [key, command])));

export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || status.peek() !== 'in') return;
    if (isAhead(event)) { typedAhead.words += event.key; event.preventDefault(); return; }
    const command = commandFor(event);
    if (!command || !command.when()) return;
    event.preventDefault();
    command.run();
  });
}

function commandFor(event) {
  const mod = event.ctrlKey || event.metaKey;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (mod && letter === 'k') return byKey.get('Mod+k');
  if (overlay.peek() || isFloating(event.target)) return null;
  // In the thread only, and once: the second press is the browser's own search.
  if (mod && letter === 'f') return event.target.closest?.('.thread') && !isFinding(event.target) ? byKey.get('Mod+f') : null;
  if (event.altKey && !mod && /^Digit[1-9]$/.test(event.code)) return byKey.get(`Alt+${event.code.slice(5)}`);
  if (event.altKey || isTyping(event.target)) return null;
  if (event.key.startsWith('Arrow') && !event.target.closest?.('[data-rows]')) return null;
  if (mod) return letter === 'a' && event.target.closest?.('[data-rows]') ? byKey.get('Mod+a') : null;
  const shifted = event.shiftKey && (event.key.startsWith('Arrow') || /^[a-z]$/.test(letter));
  return byKey.get(shifted ? `Shift+${letter}` : event.key) ?? null;
}

/** A letter for the command bar or the find bar, which is still on its way. */
function isAhead({ key, ctrlKey, metaKey, target }) {
  const awaited = overlay.peek() === 'commands' ? '.command-bar[open]' : findOpen.peek() && !isTyping(target) && '.find-bar';
  return awaited && key.length === 1 && !ctrlKey && !metaKey && !document.querySelector(awaited);
}

function isFinding(element) { return Boolean(element.closest?.('.find-bar')); }

function isTyping(element) {
  return Boolean(element.closest?.('input, textarea, select, [contenteditable]'));
}

function isFloating(element) { return Boolean(element.closest?.('dialog, [popover]')); }

/** "Ctrl+K" or "⌘K" for the help sheet. */
export function keyName(key) {
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  const names = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc', Enter: '↵', Shift: '⇧' };
  return key.split('+').map((part) => (part === 'Mod' ? (apple ? '⌘' : 'Ctrl')
    : names[part] ?? part.toUpperCase())).join(' ');
}
