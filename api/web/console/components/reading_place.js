// Where the reader is in a thread: which messages are drawn, what must stay still on screen, and whether the end is followed.
import { keyOf } from '../store/timeline.js';

/** Messages drawn at first: a short one is 52 px high, so that they fill the screen; what more is wanted follows the paint. */
const atFirst = () => Math.ceil(innerHeight / 48);
const SPARE = 200;
const BEFORE_UNREAD = 5;
const DRAWN = 140;
const STEP = 50;
const NEAR = 500;
const AT_END = 32;

export class ReadingPlace {
  pinned = true;
  #startKey = null;
  #endKey = null;
  #anchor = null;
  /** Where the box was scrolled to when the anchor was chosen. */
  #heldTop = 0;
  #arrived = false;
  #shownAt = null;
  #seenLast = null;
  #lastOwn = null;
  #tail = atFirst();
  #firstKey = null;
  /** Where the end was kept last; only going up from there leaves it. */
  #endTop = 0;

  /** Writing something of one's own goes to the end, wherever one was reading; true when that happens now. */
  follow(items) {
    const last = items[items.length - 1];
    if (!last?.local || keyOf(last) === this.#lastOwn) return false;
    this.#lastOwn = keyOf(last);
    if (this.#arrived) this.toLatest();
    return this.#arrived;
  }

  /** The part of `items` to draw now, as {start, end}. */
  draw(items, unreadFrom) {
    if (!this.#arrived && this.#startKey === null && unreadFrom !== null) this.#beginAtUnread(items, unreadFrom);
    const drawn = this.#window(items, unreadFrom);
    this.#firstKey = items.length ? keyOf(items[drawn.start]) : null;
    return drawn;
  }

  #window(items, unreadFrom = null) {
    const found = this.#startKey === null ? -1 : items.findIndex((item) => keyOf(item) === this.#startKey);
    const start = found >= 0 ? found : this.#freshStart(items, unreadFrom);
    const last = this.#endKey === null ? -1 : items.findIndex((item) => keyOf(item) === this.#endKey);
    const end = last >= 0 && found >= 0 ? last + 1 : items.length;
    return { start, end: this.pinned ? items.length : Math.min(end, start + 3 * DRAWN) };
  }

  /** Few messages at first, so that a conversation opens at once; enough to hold the unread line. */
  #freshStart(items, unreadFrom) {
    const start = Math.max(0, items.length - this.#tail);
    if (unreadFrom === null || this.#arrived) return start;
    const unread = items.findIndex((item) => item.seq > unreadFrom);
    return unread < 0 ? start : Math.max(0, Math.min(start, unread - BEFORE_UNREAD));
  }

  /** Where much is unread, only what stands around the line: the rest is drawn as it is read. */
  #beginAtUnread(items, unreadFrom) {
    const unread = items.findIndex((item) => item.seq > unreadFrom);
    const start = Math.max(0, unread - BEFORE_UNREAD);
    const drawn = BEFORE_UNREAD + atFirst();
    if (unread < 0 || items.length - start <= drawn) return;
    this.pinned = false;
    this.#startKey = keyOf(items[start]);
    this.#endKey = keyOf(items[start + drawn - 1]);
  }

  /** After a render: puts the reader where they were, at the wanted message, at the unread line, or at the end; true asks for another render. */
  settle(box, { at, items, unreadFrom }) {
    if (at === null) this.#shownAt = null;
    const first = !this.#arrived && items.length > 0;
    const goal = at === null || at === this.#shownAt ? -1 : items.findIndex((item) => item.seq === at);
    if (goal >= 0) {
      this.#arrived = true;
      if (!this.#showMessage(box, at)) return this.#drawAround(items, goal);
      this.#shownAt = at;
      return false;
    }
    if (first && at === null) {
      this.#arrived = true;
      if (this.#showUnread(box, unreadFrom)) return false;
    }
    this.keep(box);
    return false;
  }

  /** Before a render: the reader may have scrolled, and the scroll event still be on its way; that is not to be taken back. */
  notice(box) {
    if (this.pinned && this.#arrived && box.scrollTop < this.#endTop - 1 && below(box) > AT_END) this.#leave();
    if (!this.pinned && this.#anchor && box.scrollTop !== this.#heldTop) this.#hold(box);
  }

  /** Away from the end, what is drawn is frozen, so that arrivals below cannot shift it. */
  #leave() {
    this.pinned = false;
    this.#startKey ??= this.#firstKey;
  }

  keep(box) {
    if (this.pinned) {
      box.scrollTop = box.scrollHeight;
      this.#endTop = box.scrollTop;
      return;
    }
    const held = this.#anchor && box.querySelector(`[data-key="${CSS.escape(this.#anchor.key)}"]`);
    if (held) box.scrollTop += bottomIn(box, held) - this.#anchor.bottom;
    this.#heldTop = box.scrollTop;
  }

  /** Learns from the scroll position; called on scroll and after every render. */
  look(box, items, hasAfter) {
    const { end } = this.#window(items);
    const atEnd = below(box) <= AT_END;
    // What grows by itself while the end is followed is not the reader leaving it.
    const grew = this.pinned && !atEnd && box.scrollTop >= this.#endTop - 1;
    const follows = (atEnd || grew) && end === items.length && !hasAfter;
    if (grew && follows) box.scrollTop = box.scrollHeight;
    if (follows) {
      this.#endTop = box.scrollTop;
      this.#seenLast = items.length ? keyOf(items[items.length - 1]) : null;
      this.toLatest();
    } else this.#leave();
    this.#hold(box);
  }

  /** What the reader is about to need: 'redraw' (from memory), 'before' or 'after' (from the server), or null. */
  extend(box, items) {
    const { start, end } = this.#window(items);
    if (box.scrollTop < NEAR) {
      if (start === 0) return 'before';
      if (this.pinned) {
        if (box.scrollHeight - box.clientHeight > SPARE) return null;
        this.#tail += STEP;
        return 'redraw';
      }
      const from = Math.max(0, start - STEP);
      this.#startKey = keyOf(items[from]);
      if (end - from > DRAWN + STEP) this.#endKey = keyOf(items[from + DRAWN + STEP - 1]);
      return 'redraw';
    }
    if (below(box) < NEAR && !this.pinned) {
      if (end >= items.length) return 'after';
      const to = Math.min(items.length, end + STEP);
      this.#endKey = to === items.length ? null : keyOf(items[to - 1]);
      this.#startKey = keyOf(items[Math.max(start, to - DRAWN - STEP)]);
      return 'redraw';
    }
    return null;
  }

  toLatest() {
    this.pinned = true;
    this.#startKey = null;
    this.#endKey = null;
  }

  /** How many messages came below since the end was last on screen. */
  newBelow(items) {
    if (this.pinned || this.#seenLast === null) return 0;
    const index = items.findLastIndex((item) => keyOf(item) === this.#seenLast);
    return index < 0 ? 0 : items.length - 1 - index;
  }

  #hold(box) {
    this.#heldTop = box.scrollTop;
    const top = box.getBoundingClientRect().top;
    for (const element of box.querySelectorAll('[data-key]')) {
      const place = element.getBoundingClientRect();
      // Its lower edge: the name above the first message drawn goes when those before it come.
      if (place.bottom > top) { this.#anchor = { key: element.dataset.key, bottom: place.bottom - top }; return; }
    }
    this.#anchor = null;
  }

  #showMessage(box, seq) {
    const element = box.querySelector(`[data-seq="${seq}"]`);
    if (!element) return false;
    this.pinned = false;
    box.scrollTop += topIn(box, element) - box.clientHeight / 3;
    element.classList.add('found');
    setTimeout(() => element.classList.remove('found'), 2400);
    return true;
  }

  /** The wanted message is in memory but not drawn. */
  #drawAround(items, index) {
    this.pinned = false;
    this.#startKey = keyOf(items[Math.max(0, index - STEP)]);
    this.#endKey = keyOf(items[Math.min(items.length - 1, index + STEP)]);
    return true;
  }

  #showUnread(box, unreadFrom) {
    const line = unreadFrom === null ? null : box.querySelector('[data-unread]');
    if (!line) return false;
    if (this.pinned) {
      box.scrollTop = box.scrollHeight;
      if (topIn(box, line) >= 0) return true;
      this.pinned = false;
    }
    box.scrollTop += topIn(box, line) - 48;
    return true;
  }
}

function topIn(box, element) { return element.getBoundingClientRect().top - box.getBoundingClientRect().top; }
function below(box) { return box.scrollHeight - box.scrollTop - box.clientHeight; }
function bottomIn(box, element) { return element.getBoundingClientRect().bottom - box.getBoundingClientRect().top; }
