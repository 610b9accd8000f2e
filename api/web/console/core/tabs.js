// What the tabs of one browser tell each other: one channel, one small message per matter.
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('switchboard.tabs') : null;
const hearers = new Map();

/** This tab's own mark, sortable and new with each load. */
export const tabId = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;

/** Tells the other tabs; this one does not hear itself. */
export function tellTabs(matter, data) { channel?.postMessage({ matter, from: tabId, data }); }

export function hearTabs(matter, handle) {
  if (!hearers.has(matter)) hearers.set(matter, []);
  hearers.get(matter).push(handle);
}

/** Calls `handle(value)` when another tab changes a value that storage.js keeps; null when it was forgotten. */
export function onKept(key, handle) {
  addEventListener('storage', (event) => {
    if (event.key !== `switchboard.${key}`) return;
    try { handle(JSON.parse(event.newValue)); } catch { /* Not written by us. */ }
  });
}

if (channel) {
  channel.onmessage = ({ data: { matter, from, data } }) => {
    for (const handle of hearers.get(matter) ?? []) handle(data, from);
  };
}
