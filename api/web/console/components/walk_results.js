// The keyboard among what was found.

/** Arrow keys walk over all groups; above the first stands the search box. */
export function walkResults(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  const typing = event.key.length === 1 && event.target.matches('input');
  if (!step || typing || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...document.querySelectorAll('.found [data-result]')];
  const next = all.indexOf(document.activeElement) + step;
  const target = next < 0 ? document.querySelector('#search') : all[Math.min(next, all.length - 1)];
  event.preventDefault();
  target?.focus();
}
