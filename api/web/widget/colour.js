/* The company's colour made readable: what to write on it, and how to write with it on light and on dark ground. */

const LIGHT = [255, 255, 255];
const DARK = [19, 22, 27]; // the darkest ground of the widget
const INK = [20, 25, 34];
const AA = 4.5;

/** Custom properties for a colour "#rgb" or "#rrggbb"; null for anything else. */
export function colours(text) {
  const accent = parse(text);
  if (!accent) return null;
  const on = contrast(accent, LIGHT) >= AA ? LIGHT : contrast(accent, INK) >= AA ? INK : [0, 0, 0];
  return {
    '--accent': hex(accent),
    '--on-accent': hex(on),
    '--accent-on-light': hex(readable(accent, LIGHT, [0, 0, 0])),
    '--accent-on-dark': hex(readable(accent, DARK, LIGHT)),
  };
}

/** WCAG 2 contrast ratio of two [r, g, b]. */
export function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function parse(text) {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text ?? '');
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text ?? '');
  const parts = long?.slice(1) ?? short?.slice(1).map((digit) => digit + digit);
  return parts?.map((part) => parseInt(part, 16)) ?? null;
}

/** The colour moved toward `pole` in steps until it can be read on `ground` (with room for slightly tinted grounds). */
function readable(colour, ground, pole) {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = colour.map((part, i) => Math.round(part + (pole[i] - part) * share));
    if (contrast(mixed, ground) >= AA + 1) return mixed;
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
