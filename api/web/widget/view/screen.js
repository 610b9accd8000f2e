/* The visitor's screen and hands: narrow or wide, fingers or keys, the Tab key, and the keyboard on the glass. */

const REACHABLE = 'button:not([disabled]), textarea, a[href], audio, video, [tabindex="0"]';

export function isPhone() {
  return matchMedia('(max-width: 479.98px)').matches;
}

/** Fingers: no focus in fields unasked (it would raise the screen keyboard), and Enter is a new line. */
export function isTouch() {
  return matchMedia('(pointer: coarse)').matches;
}

/** Keeps the Tab key inside the full-screen panel. */
export function keepFocusIn(panel, event) {
  const stops = [...panel.querySelectorAll(REACHABLE)].filter((it) => it.checkVisibility());
  const now = panel.getRootNode().activeElement;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (now !== edge && !(event.shiftKey && now === panel)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** Follows the visible part of the screen until the given function is called. */
export function followKeyboard(panel) {
  const seen = window.visualViewport;
  if (!seen) return undefined;
  const fit = () => {
    panel.style.setProperty('--seen-height', `${seen.height}px`);
    panel.style.setProperty('--seen-top', `${seen.offsetTop}px`);
  };
  fit();
  seen.addEventListener('resize', fit);
  seen.addEventListener('scroll', fit);
  return () => {
    seen.removeEventListener('resize', fit);
    seen.removeEventListener('scroll', fit);
  };
}
