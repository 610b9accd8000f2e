/* Bytes of attachments as object URLs, fetched once with the visitor's token. */

// Anything else is handed out as bytes to save: a page or a drawing opened under the host page's origin could run as its own.
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/(mp4|webm|ogg|quicktime))$/;

export function isShown(mime) {
  return SHOWN.test(baseType(mime));
}

/** `fetchFile(id)` resolves to a Blob. `url({id, mime})` resolves to an object URL of a harmless type. */
export function fileCache(fetchFile) {
  const urls = new Map();
  return {
    put(id, blob) {
      urls.set(id, Promise.resolve(harmless(blob, blob.type)));
    },
    url({ id, mime }) {
      if (!urls.has(id)) {
        const url = fetchFile(id).then((blob) => harmless(blob, mime));
        url.catch(() => urls.delete(id));
        urls.set(id, url);
      }
      return urls.get(id);
    },
  };
}

function harmless(blob, mime) {
  return URL.createObjectURL(new Blob([blob], { type: isShown(mime) ? baseType(mime) : 'application/octet-stream' }));
}

function baseType(mime) {
  return String(mime ?? '').split(';')[0].trim().toLowerCase();
}
