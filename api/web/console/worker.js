// Keeps the console's shell for a time without a line: the page, fetched anew whenever the server answers in time, and
// the files it has used, whose addresses name their content. What the interface answers is never kept.
const CACHE = 'switchboard.{version}';
const PAGE = '/app';
const KEPT = '/web/c-';
/** Milliseconds in which the page has to come before the kept one is shown. */
const PATIENCE = 4000;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(page());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(
    names.filter((name) => name.startsWith('switchboard.') && name !== CACHE).map((name) => caches.delete(name)),
  )).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && pathname.replace(/\/$/, '') === PAGE) event.respondWith(pageInTime());
  else if (pathname.startsWith(KEPT)) event.respondWith(file(request.url));
});

/** What the page had loaded before it was looked after: the browser still has it, so this costs no line. */
self.addEventListener('message', (event) => {
  const files = event.data.filter((url) => new URL(url).pathname.startsWith(KEPT));
  event.waitUntil(Promise.allSettled(files.map(file)));
});

async function page() {
  const answer = await fetch(PAGE);
  if (answer.ok) await (await caches.open(CACHE)).put(PAGE, answer.clone());
  return answer;
}

async function pageInTime() {
  const coming = page();
  const kept = await caches.match(PAGE);
  if (!kept) return coming;
  const late = new Promise((done) => { setTimeout(done, PATIENCE, kept); });
  return Promise.race([coming.catch(() => kept), late]);
}

async function file(url) {
  const kept = await caches.match(url);
  if (kept) return kept;
  const answer = await fetch(url);
  if (answer.ok) await (await caches.open(CACHE)).put(url, answer.clone());
  return answer;
}
