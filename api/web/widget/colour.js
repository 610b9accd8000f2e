/* The company's colour made readable: what to write on it, and how to write with it. */

const LIGHT = [255, 255, 255];
const DARK = [19, 22, 27]; // the darkest ground of the widget
const BLACK = [0, 0, 0];
const INK = [20, 25, 34];
const AA = 4.5;

/** Custom properties for a colour "#rrggbb", on light and on dark ground; null for anything else. */
export function colours(text) {
  const given = parse(text);
  if (!given) return null;
  const light = apart(given, LIGHT, BLACK, 1.3);
  const dark = apart(given, DARK, LIGHT, 1.6);
  return {
    '--accent': hex(light),
    '--on-accent': hex(writing(light)),
    '--accent-ink': hex(apart(given, LIGHT, BLACK, AA + 1)), // one more than asked for: some grounds are tinted
    '--dark-accent': hex(dark),
    '--dark-on-accent': hex(writing(dark)),
    '--dark-accent-ink': hex(apart(given, DARK, LIGHT, AA + 1)),
  };
}

/** Puts the colour into the loader's style sheet; the properties it set, or null. */
export function paint(theme, colour) {
  const found = colours(colour);
  for (const [name, value] of Object.entries(found ?? {})) theme.cssRules[0].style.setProperty(name, value);
  return found;
}

/** WCAG 2 contrast ratio of two [r, g, b]. */
export function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function parse(text) {
  const parts = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text ?? '');
  return parts?.slice(1).map((part) => parseInt(part, 16)) ?? null;
}

function writing(ground) {
  return [LIGHT, INK].find((it) => contrast(it, ground) >= AA) ?? BLACK;
}

/** The colour moved toward `pole` until it stands out from `ground` by the ratio `wanted`. */
function apart(colour, ground, pole, wanted) {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = colour.map((part, i) => Math.round(part + (pole[i] - part) * share));
    if (contrast(mixed, ground) >= wanted) return mixed;
  }
  return pole;
}

function luminance(colour) {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function hex(colour) {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
