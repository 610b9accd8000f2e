// Style sheets that only some pages need, fetched once when the first of those pages is.
const HOME = new URL('../', import.meta.url);
const held = new Map();

/** `path` is below the console's folder. Resolves when the sheet is in force; a failed one may be asked for again. */
export function addStyles(path) {
  if (!held.has(path)) held.set(path, fetched(path));
  return held.get(path);
}

function fetched(path) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL(path, HOME).href });
    link.onload = () => resolve();
    link.onerror = () => {
      held.delete(path);
      link.remove();
      reject(new Error(`no style sheet at ${path}`));
    };
    document.head.append(link);
  });
}
