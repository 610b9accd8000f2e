// Style sheets that only some pages need, fetched once when the first of those pages is.
const held = new Map();

/** Resolves when the sheet is in force; a failed one may be asked for again. */
export function addStyles(href) {
  if (!held.has(href)) held.set(href, fetched(href));
  return held.get(href);
}

function fetched(href) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    link.onload = () => resolve();
    link.onerror = () => {
      held.delete(href);
      link.remove();
      reject(new Error(`no style sheet at ${href}`));
    };
    document.head.append(link);
  });
}
