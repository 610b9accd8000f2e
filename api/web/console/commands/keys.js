// From a key to its command, unless someone is typing or something floats above the page.
import { status } from '../store/session.js';
import { commands, overlay } from './registry.js';

const byKey = new Map(commands.flatMap((command) => command.keys.map((key) => [key, command])));

export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || status.peek() !== 'in') return;
    const command = commandFor(event);
    if (!command || !command.when()) return;
    event.preventDefault();
    command.run();
  });
}

function commandFor(event) {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key.toLowerCase() === 'k') return byKey.get('Mod+k');
  if (event.altKey && !mod && /^Digit[1-4]$/.test(event.code)) return byKey.get(`Alt+${event.code.slice(5)}`);
  if (mod || event.altKey || overlay.peek() || isFloating(event.target) || isTyping(event.target)) return null;
  if (event.key.startsWith('Arrow') && !event.target.closest?.('[data-rows]')) return null;
  return byKey.get(event.key) ?? null;
}

function isTyping(element) {
  return Boolean(element.closest?.('input, textarea, select, [contenteditable]'));
}

function isFloating(element) { return Boolean(element.closest?.('dialog, [popover]')); }

/** "Ctrl+K" or "⌘K" for the help sheet. */
export function keyName(key) {
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  const names = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc', Enter: '↵' };
  return key.split('+').map((part) => (part === 'Mod' ? (apple ? '⌘' : 'Ctrl')
    : names[part] ?? part.toUpperCase())).join(' ');
}
