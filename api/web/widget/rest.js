/* The visitor's REST calls, with two kinds of failure. */

/** The server said no. `detail` is for people; `retryAfter` in seconds, when given. */
export class Refused extends Error {
  constructor({ status, code, detail, retryAfter }) {
    super(detail || code);
    Object.assign(this, { status, code, detail, retryAfter });
  }

  /** Whether the same call may succeed later without a change. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No network, no answer in time, or an origin that is not allowed. */
export class Unreached extends Error {}

const PATIENCE = 20_000; // ms for an ordinary call

/** `base` ends in `/api/v1/`; `token()` gives the visitor's token or null. */
export function restFor({ base, channel, language, token }) {
  const root = new URL(`widget/${encodeURIComponent(channel)}/`, base);
  const url = (path, query = {}) => {
    const it = new URL(path, root);
    for (const [name, value] of Object.entries(query)) if (value != null) it.searchParams.set(name, value);
    return it;
  };
  const headers = () => ({ 'Accept-Language': language, ...(token() && { Authorization: `Visitor ${token()}` }) });
  const post = (path, body) =>
    call(url(path), {
      method: 'POST',
      headers: { ...headers(), 'Content-Type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });

  return {
    language,
    session: (body) => post('session', body),
    ticket: () => post('ticket'),
    send: (message) => post('messages', message),
    rate: (rating) => post('rating', rating),
    transcript: (email) => post('transcript', { email }),
    messages: (query) => call(url('messages', query), { headers: headers() }),
    file: (id) => call(url(`files/${encodeURIComponent(id)}`), { headers: headers() }, (answer) => answer.blob()),
    upload: (file, progress) => upload(url('files'), headers(), file, progress),
  };
}

async function call(url, init, read = (answer) => (answer.status === 202 ? null : answer.json())) {
  try {
    const answer = await fetch(url, { ...init, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw refusal(answer.status, await answer.text(), answer.headers.get('Retry-After'));
    return await read(answer);
  } catch (error) {
    throw error instanceof Refused ? error : new Unreached(error.message);
  }
}

/** By XMLHttpRequest: fetch does not tell how much has left. `progress` hears 0 … 1. */
function upload(url, headers, file, progress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Unreached('upload'));
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
  return { done, abort: () => request.abort() };
}

function refusal(status, text, retryAfter) {
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // a proxy's page, perhaps: the status is all we know
  }
  return new Refused({ status, code: problem.code, detail: problem.detail, retryAfter: Number(retryAfter) });
}
