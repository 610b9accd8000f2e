// The organization's accent as the console's own: shaded until it reads as well as the colours it stands in for.
import { save } from '../core/storage.js';
import { contrast } from '../../widget/colour.js';
import { isColour, parts } from './colour.js';

/** Where nobody chose a colour, the console keeps its own. */
export const PLAIN = '#2563eb';
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
const DARK = [19, 22, 27];
/** Against the ground; enough to stand on its tinted neighbours with 4.5 too. */
const ON_LIGHT = 6.2;
const ON_DARK = 7.6;

let sheet = null;

/** Puts the accent on, and keeps it for the next start, which theme.js dresses before the first paint. */
export function wear(accent) {
  const css = isColour(accent) && accent.toLowerCase() !== PLAIN ? sheetOf(accent) : '';
  save('brand', css || null);
  sheet ??= new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}

function sheetOf(accent) {
  const { light, dark } = brandOf(accent);
  return `:root { ${light} } @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${dark} } }
    :root[data-theme="dark"] { ${dark} }`;
}

/** {light, dark}: the declarations of the accent's tokens for each theme. */
export function brandOf(accent) {
  const given = parts(accent);
  const light = apart(given, WHITE, BLACK, ON_LIGHT);
  const dark = apart(given, DARK, WHITE, ON_DARK);
  return {
    light: tokens(light, mixed(light, BLACK, 0.2), mixed(light, WHITE, 0.9), WHITE),
    dark: tokens(dark, mixed(dark, WHITE, 0.3), mixed(dark, DARK, 0.82), mixed(dark, BLACK, 0.86)),
  };
}

function tokens(accent, strong, soft, letters) {
  return `--accent: ${rgb(accent)}; --accent-strong: ${rgb(strong)}; --accent-soft: ${rgb(soft)}; --on-accent: ${rgb(letters)};`;
}

/** Moved toward `pole` until it stands out from `ground` by `wanted`. */
function apart(colour, ground, pole, wanted) {
  for (let share = 0; share < 1; share += 0.04) {
    const found = mixed(colour, pole, share);
    if (contrast(found, ground) >= wanted) return found;
  }
  return pole;
}

function mixed(one, other, share) { return one.map((part, i) => Math.round(part + (other[i] - part) * share)); }
function rgb(colour) { return `rgb(${colour.join(' ')})`; }
