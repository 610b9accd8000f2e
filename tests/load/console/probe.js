// Notes in a page what people would notice: frames, when something was painted, what the socket brought and when.
(() => {
  const heard = [];
  const Native = WebSocket;
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        probe.frames += 1;
        if (probe.listening) heard.push([performance.now(), data]);
      });
    }
  };
  // What changes while a frame is made is painted with it, anything else with the next one. It has been painted when the
  // first task after that frame runs, which may be the frame after it.
  let inFrame = false;
  let current = [];
  let next = [];
  const native = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => {
    native(() => { inFrame = true; });
    const id = native(callback);
    native(() => { inFrame = false; });
    return id;
  };
  const { port1, port2 } = new MessageChannel();
  const tell = () => { for (const done of current.splice(0)) done(performance.now()); };
  port1.onmessage = tell;
  const frame = () => {
    tell();
    current.push(...next.splice(0));
    port2.postMessage(null);
    native(frame);
  };
  native(frame);
  const painted = () => new Promise((done) => { (inFrame ? current : next).push(done); });
  /** Resolves with the instant after the paint that first shows `test()`; null after `patience` ms. */
  const shown = (test, patience = 10_000) => new Promise((done) => {
    const finish = async () => { watch.disconnect(); clearTimeout(timer); done(await painted()); };
    const watch = new MutationObserver(() => { if (test()) finish(); });
    const timer = setTimeout(() => { watch.disconnect(); done(null); }, patience);
    watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    if (test()) finish();
  });
  const probe = window.probe = {
    frames: 0, listening: false, heard, shown, painted,
    /** Milliseconds from `act()` to the paint that shows `test()`. */
    async timed(act, test) {
      const began = performance.now();
      act();
      const at = await shown(test);
      return at === null ? null : at - began;
    },
    /** Collects the gaps between frames until `stop()`, and in how many of them `holds()` was false. */
    watchFrames(holds = () => true) {
      const gaps = [];
      let last = null;
      let broken = 0;
      let going = true;
      const tick = (now) => {
        if (last !== null) gaps.push(now - last);
        last = now;
        if (!holds()) broken += 1;
        if (going) native(tick);
      };
      native(tick);
      return { stop() { going = false; return { gaps, broken }; } };
    },
  };
})();
