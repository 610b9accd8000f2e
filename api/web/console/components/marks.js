// Paints the found words in the messages on screen, without touching their elements.
import { useEffect } from '../../vendor/hooks.js';
import { markedWords } from '../store/finding.js';
import { fold, foldedWords } from '../store/words.js';

const NAME = 'found-words';

export function Marks({ id }) {
  const words = markedWords.value;
  useEffect(() => {
    const list = document.querySelector('.messages-all');
    if (!words || !list || !CSS.highlights) return undefined;
    let frame = null;
    const paint = () => { frame = null; CSS.highlights.set(NAME, new Highlight(...rangesIn(list, foldedWords(words)))); };
    const later = () => { frame ??= requestAnimationFrame(paint); };
    const watch = new MutationObserver(later);
    watch.observe(list, { childList: true, subtree: true, characterData: true });
    paint();
    return () => { watch.disconnect(); cancelAnimationFrame(frame); CSS.highlights.delete(NAME); };
  }, [words, id]);
  return null;
}

function rangesIn(list, words) {
  const ranges = [];
  for (const text of list.querySelectorAll('.bubble .text, .bubble .card, .bubble .file-name')) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const match of node.data.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
        const word = words.find((one) => fold(match[0]).startsWith(one));
        if (!word) continue;
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + Math.min(word.length, match[0].length));
        ranges.push(range);
      }
    }
  }
  return ranges;
}
