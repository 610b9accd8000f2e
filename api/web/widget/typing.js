/* Tells the agent that the visitor is writing: at once, again every four seconds, and when it stops. */

const AGAIN = 4_000;
const STOPS = 5_000; // ms without a key press

/** `tell(on)` sends the mark. Call `pressed()` on every change of the text and `stopped()` when it is sent or emptied. */
export function typingMark(tell) {
  let toldAt = 0;
  let timer = 0;

  function stopped() {
    clearTimeout(timer);
    if (toldAt) tell(false);
    toldAt = 0;
  }
  function pressed() {
    clearTimeout(timer);
    timer = setTimeout(stopped, STOPS);
    if (Date.now() - toldAt < AGAIN) return;
    toldAt = Date.now();
    tell(true);
  }
  return { pressed, stopped };
}
