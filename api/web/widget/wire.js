/* The live socket: ticket, hello, heartbeat, back-off. It knows nothing of conversations. */

const FIRST = 500; // ms, the first wait before another try
const LONGEST = 15_000;
const HELLO_PATIENCE = 8_000; // ms from opening to welcome
const MISSED_BEATS = 2.5;

/** The wait in ms before try number `attempt`: doubling, capped, and spread so that crowds do not return at once. */
export function backOff(attempt, random = Math.random()) {
  const ceiling = Math.min(LONGEST, FIRST * 2 ** attempt);
  return ceiling / 2 + (random * ceiling) / 2;
}

/** `onState` hears "connecting", "live", "lost" or "idle"; `onEnded()` is awaited when the server ends the session. */
export class Wire {
  #socket = null;
  #wanted = false;
  #attempt = 0;
  #timer = 0;
  #watchdog = 0;
  #silence = 0;
  #heardAt = 0;

  constructor({ url, ticket, onWelcome, onFrame, onState, onEnded }) {
    Object.assign(this, { url, ticket, onWelcome, onFrame, onState, onEnded, state: 'idle' });
    addEventListener('online', () => this.hurry());
    addEventListener('offline', () => this.#wanted && this.#drop(0));
    addEventListener('pagehide', () => this.stop()); // a page with a socket is not kept for "back"
    addEventListener('pageshow', (event) => event.persisted && this.start());
    document.addEventListener('visibilitychange', () => this.#awake());
  }

  get wanted() {
    return this.#wanted;
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    this.#detach();
    this.#become('idle');
  }

  /** Gives whether the frame left. */
  send(frame) {
    if (this.state !== 'live') return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Tries now instead of at the end of the wait. */
  hurry() {
    if (!this.#wanted || this.state === 'live' || this.state === 'connecting') return;
    this.#connect();
  }

  async #connect() {
    this.#detach();
    this.#become('connecting');
    const turn = (this.#timer = setTimeout(() => this.#drop(0), HELLO_PATIENCE));
    let ticket;
    try {
      ({ ticket } = await this.ticket());
    } catch {
      if (turn === this.#timer) this.#drop(0);
      return;
    }
    if (turn !== this.#timer || !this.#wanted) return;
    let socket;
    try {
      socket = new WebSocket(this.url);
    } catch {
      this.#drop(0); // forbidden by the host page: the thread is polled instead
      return;
    }
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ t: 'hello', ticket, v: 1 }));
    socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
    socket.onclose = (event) => this.#drop(event.code);
  }

  #hear(frame) {
    this.#heardAt = Date.now();
    if (frame.t === 'welcome') {
      clearTimeout(this.#timer);
      this.#silence = (frame.heartbeat || 10) * 1000 * MISSED_BEATS;
      this.#watchdog = setInterval(() => this.#awake(), this.#silence / 5);
      this.#become('live');
      this.onWelcome(frame);
      return;
    }
    if (frame.t === 'beat') {
      this.#attempt = 0; // it lived for a beat
      this.send({ t: 'pong' });
    }
    this.onFrame(frame);
  }

  /** Timers sleep with the tab, so the silence is measured by the clock. */
  #awake() {
    if (!this.#wanted || document.hidden) return;
    if (this.state === 'lost') this.hurry();
    else if (this.state === 'live' && Date.now() - this.#heardAt > this.#silence) this.#drop(0);
  }

  async #drop(code) {
    this.#detach();
    this.#become('lost');
    if (!this.#wanted) return;
    if (code === 4003) await this.onEnded().catch(() => undefined);
    if (code === 4009 && document.hidden) return; // too many tabs: wait to be looked at
    if (code === 4000 || code === 4029) this.#attempt = 5; // we did wrong or too much
    const wait = code === 4008 ? 0 : backOff(this.#attempt++);
    this.#timer = setTimeout(() => this.#wanted && this.#connect(), wait);
  }

  #detach() {
    clearTimeout(this.#timer);
    clearInterval(this.#watchdog);
    this.#timer = 0;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }
}
