// The word that Meta must know to be believed: made here, shown while this tab lives, never asked back from the server.
const kept = new Map();

export function freshToken() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function keepToken(channelId, token) { kept.set(channelId, token); }
export function tokenOf(channelId) { return kept.get(channelId) ?? null; }
