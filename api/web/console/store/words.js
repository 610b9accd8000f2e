// Words as a search compares them: without accents and case.
export function fold(text) { return (text ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase(); }
export function foldedWords(q) { return fold(q).split(/[^\p{L}\p{N}]+/u).filter(Boolean); }

/** The text with each part that begins with a word asked for in a pair of private characters, as the server's snippets have it. */
export function marked(text, q) {
  const words = foldedWords(q);
  if (!words.length) return text;
  return text.replace(/[\p{L}\p{N}\p{M}]+/gu, (part) => {
    const word = words.filter((one) => fold(part).startsWith(one)).sort((one, two) => two.length - one.length)[0];
    return word ? `\ue000${part.slice(0, word.length)}\ue001${part.slice(word.length)}` : part;
  });
}
