// Calls to the REST interface: bearer in memory, one refresh at a time, problems as one kind of error.
import { locale, t } from '../../shared/i18n.js';

const BASE = '/api/v1';
let token = null;
let refreshing = null;

/** Filled by the session store: what to do with a renewed session and with a lost one. */
export const sessionHooks = { renewed() {}, lost() {} };

/** A refusal: `status` is 0 when the server could not be reached; `extra` holds the other members of the problem. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || t(status ? 'error.server' : 'error.offline'));
    this.status = status;
    this.code = body.code ?? (status ? 'unavailable' : 'offline');
    this.errors = body.errors ?? [];
    this.extra = body;
  }

  /** True when trying the same again later may succeed. */
  get passing() { return this.status === 0 || this.status >= 500 || this.status === 429; }
}

export function setToken(value) { token = value; }

/** Sends `body` as JSON and answers the parsed body; throws Problem. `query` leaves out empty values and repeats lists. */
export async function call(method, path, { body, query, signal, anonymous = false } = {}) {
  const answer = await authorized(() => fetch(address(path, query), {
    method, signal, headers: headers(body !== undefined && !(body instanceof FormData), anonymous), credentials: 'same-origin',
    body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
  }), anonymous);
  if (answer.status === 204) return null;
  return read(answer);
}

export const get = (path, query, options) => call('GET', path, { query, ...options });
export const post = (path, body = {}, options) => call('POST', path, { body, ...options });
export const patch = (path, body) => call('PATCH', path, { body });
export const put = (path, body) => call('PUT', path, { body });
export const del = (path) => call('DELETE', path);

/** The bytes of a file as a Blob. `url` is the path as the server gave it, with its /api/v1. */
export async function fetchBlob(url, signal) {
  const answer = await authorized(() => fetch(url, { headers: headers(false, false), signal }), false);
  if (!answer.ok) await read(answer);
  return answer.blob();
}

/** Uploads one file; `progress` hears a share from 0 to 1; `signal` aborts. Answers {id, name, mime, size, url}. */
export async function upload(file, progress, signal) {
  const form = new FormData();
  form.append('file', file, file.name);
  const answer = await authorized(() => sendForm(`${BASE}/files`, form, progress, signal), false);
  return read(answer);
}

/** Exchanges the HttpOnly cookie for a new access token; callers at the same time share one exchange. */
export function refresh() {
  refreshing ??= locked(exchange).finally(() => { refreshing = null; });
  return refreshing;
}

async function exchange() {
  const session = await call('POST', '/auth/refresh', { body: {}, anonymous: true });
  token = session.access_token;
  sessionHooks.renewed(session);
  return session;
}

/** Tabs share the cookie, so only one of them may exchange it at a time. */
function locked(work) {
  return navigator.locks ? navigator.locks.request('switchboard.refresh', work) : work();
}

async function authorized(send, anonymous) {
  const answer = await reach(send);
  if (answer.status !== 401 || anonymous) return answer;
  try {
    await refresh();
  } catch (problem) {
    if (problem.status === 401 || problem.status === 403) sessionHooks.lost();
    throw problem;
  }
  return reach(send);
}

async function reach(send) {
  try {
    return await send();
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Problem(0);
  }
}

async function read(answer) {
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, body);
  return body;
}

function headers(json, anonymous) {
  const sent = { 'Accept-Language': locale.value, Accept: 'application/json' };
  if (json) sent['Content-Type'] = 'application/json';
  if (token && !anonymous) sent.Authorization = `Bearer ${token}`;
  return sent;
}

function address(path, query = {}) {
  const filled = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
    .filter(([, value]) => value !== null && value !== undefined && value !== '');
  return `${BASE}${path}${filled.length ? `?${new URLSearchParams(filled)}` : ''}`;
}

/** XMLHttpRequest, because fetch cannot tell how much of an upload has left. */
function sendForm(url, form, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers(false, false))) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
    request.onload = () => resolve(new Response(request.responseText || null, { status: request.status }));
    request.onerror = () => reject(new TypeError('network'));
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
