/* Finds web addresses in plain text. */

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;
const TAIL = /[.,;:!?*_~'"’”»\]}]+$/;

/** Splits text into pieces {text, href?}; href is present only for valid http(s) addresses. */
export function pieces(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!isWeb(address)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** Without the punctuation of the sentence around it; a closing bracket stays when the address opened it. */
function trimmed(address) {
  let kept = address.replace(TAIL, '');
  while (kept.endsWith(')') && kept.split('(').length < kept.split(')').length) kept = kept.slice(0, -1).replace(TAIL, '');
  return kept;
}

function isWeb(address) {
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}
