// Text in which the found words are marked; they come between two private characters.
import { html } from '../../shared/html.js';

export function Snippet({ text }) {
  return text.split('\ue000').map((part, index) => {
    if (index === 0) return part;
    const [found, rest = ''] = part.split('\ue001');
    return html`<mark>${found}</mark>${rest}`;
  });
}
