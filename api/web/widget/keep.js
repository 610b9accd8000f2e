/* What the widget keeps on the visitor's device, under the channel's own names; in memory where storage is refused. */

/** Values are JSON. `watch` hears what another tab wrote (or null). A store that is full or forbidden never throws. */
export function keepFor(channel, area = 'localStorage') {
  const prefix = `switchboard.${channel}.`;
  const store = usable(area);
  const memory = new Map();

  return {
    get(name) {
      if (memory.has(name)) return memory.get(name);
      return parse(store?.getItem(prefix + name));
    },
    set(name, value) {
      memory.delete(name);
      try {
        if (!store) throw new Error('refused');
        store.setItem(prefix + name, JSON.stringify(value));
      } catch {
        memory.set(name, value);
      }
    },
    remove(name) {
      memory.delete(name);
      store?.removeItem(prefix + name);
    },
    watch(name, fn) {
      addEventListener('storage', (event) => {
        if (event.storageArea === store && event.key === prefix + name) fn(parse(event.newValue));
      });
    },
  };
}

/** Runs `act` in one tab at a time where the browser has locks (secure pages). */
export function alone(name, act) {
  return navigator.locks ? navigator.locks.request(`switchboard.${name}`, act) : act();
}

/** 32 random hexadecimal digits; randomUUID is missing on plain-http pages. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function usable(area) {
  try {
    const store = window[area];
    store.setItem('switchboard.probe', '1');
    store.removeItem('switchboard.probe');
    return store;
  } catch {
    return null;
  }
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
