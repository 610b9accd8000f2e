// Has the browser keep the page itself, so that a reload without a line shows the console and not the browser's own words.
const WORKER = '/app/worker.js';

/** Called when the page has come to rest; where the browser keeps nothing, all works without. */
export async function keepShell() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(WORKER, { scope: '/app', updateViaCache: 'none' });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage(performance.getEntriesByType('resource').map(({ name }) => name));
  } catch {
    // A private window, or a server that is not to be reached over an address that the browser trusts.
  }
}
