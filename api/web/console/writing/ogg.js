// A browser's WebM recording as the Ogg file that phones expect of a voice note; the Opus packets stay as they are.
// Sources: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg), the Matroska element ids.

const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const CODEC_PRIVATE = 0x63a2;
/** Segment, cluster, block group, tracks, track entry: gone into. */
const MASTERS = new Set([0x18538067, 0x1f43b675, 0xa0, 0x1654ae6b, 0xae]);
const HEAD = [...text('OpusHead'), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0];
const TAGS = [...text('OpusTags'), 11, 0, 0, 0, ...text('Switchboard'), 0, 0, 0, 0];
const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function text(words) { return [...words].map((letter) => letter.charCodeAt(0)); }

/** The Ogg bytes of a WebM recording, or null when no Opus track is found in it. */
export function oggOf(webm) {
  let head = HEAD;
  const packets = [];
  for (const [id, body] of elements(webm)) {
    if (id === CODEC_PRIVATE && String.fromCharCode(...body.subarray(0, 8)) === 'OpusHead') head = body;
    // Track number (one byte), two bytes of time, flags; recordings do not lace.
    else if ((id === SIMPLE_BLOCK || id === BLOCK) && body.length > 4) packets.push(body.subarray(4));
  }
  return packets.length ? file(head, packets) : null;
}

function* elements(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const [id, afterId] = number(bytes, at, true);
    const [size, after] = number(bytes, afterId, false);
    if (id === null || size === null) return;
    at = after;
    if (MASTERS.has(id)) continue;
    yield [id, bytes.subarray(at, at + size)];
    at += size;
  }
}

function number(bytes, at, marked) {
  const first = bytes[at];
  if (!first) return [null, at];
  const length = Math.clz32(first) - 23;
  let value = marked ? first : first & (0xff >> length);
  for (let next = 1; next < length; next += 1) value = value * 256 + bytes[at + next];
  return [value, at + length];
}

function file(head, packets) {
  const pages = [page([head], 0, 0, 2), page([TAGS], 1, 0, 0)];
  const groups = grouped(packets);
  let granule = 0;
  groups.forEach((group, index) => {
    granule += group.reduce((sum, packet) => sum + samples(packet), 0);
    pages.push(page(group, index + 2, granule, index === groups.length - 1 ? 4 : 0));
  });
  return new Blob(pages, { type: 'audio/ogg' });
}

/** At most a second of sound and 255 lacing values to a page. */
function grouped(packets) {
  const groups = [];
  let room = 0;
  for (const packet of packets) {
    const need = Math.floor(packet.length / 255) + 1;
    if (need > room || groups.at(-1).length === 50) { groups.push([]); room = 255; }
    groups.at(-1).push(packet);
    room -= need;
  }
  return groups;
}

/** The length of a packet at 48 kHz, from its first byte (RFC 6716, section 3.1). */
function samples(packet) {
  const config = packet[0] >> 3;
  const frame = config < 12 ? [480, 960, 1920, 2880][config & 3] : config < 16 ? [480, 960][config & 1]
    : [120, 240, 480, 960][config & 3];
  const code = packet[0] & 3;
  return frame * (code === 0 ? 1 : code < 3 ? 2 : packet[1] & 63);
}

function page(packets, index, granule, flags) {
  const lacing = packets.flatMap((packet) => [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255]);
  const size = 27 + lacing.length + packets.reduce((sum, packet) => sum + packet.length, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([...text('OggS'), 0, flags]);
  view.setUint32(6, granule % 2 ** 32, true);
  view.setUint32(10, Math.floor(granule / 2 ** 32), true);
  view.setUint32(14, 1, true);
  view.setUint32(18, index, true);
  bytes[26] = lacing.length;
  bytes.set(lacing, 27);
  let at = 27 + lacing.length;
  for (const packet of packets) { bytes.set(packet, at); at += packet.length; }
  view.setUint32(22, bytes.reduce((crc, byte) => ((crc << 8) ^ CRC[(crc >>> 24) ^ byte]) >>> 0, 0), true);
  return bytes;
}
