// Small values kept in the browser; private windows and full disks must not break the page.
export function load(key, otherwise = null) {
  try {
    const text = localStorage.getItem(`switchboard.${key}`);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** Keeps `value` under `key`; null forgets it. */
export function save(key, value) {
  try {
    if (value === null) localStorage.removeItem(`switchboard.${key}`);
    else localStorage.setItem(`switchboard.${key}`, JSON.stringify(value));
  } catch {
    // Storage is an aid here: what is on screen stays true without it.
  }
}

/** Every kept value whose key starts with `prefix`, in the order of the keys. */
export function loadAll(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`switchboard.${prefix}`)).sort()
      .map((key) => JSON.parse(localStorage.getItem(key)));
  } catch {
    return [];
  }
}

/** An id for a message that this browser makes; sorts by time. */
export function freshId() {
  const random = crypto.getRandomValues(new Uint8Array(9));
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `w-${Date.now().toString(36).padStart(9, '0')}-${tail}`;
}
