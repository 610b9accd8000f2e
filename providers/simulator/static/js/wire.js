// The wire: JSON calls below the page's own folder, and the socket that brings events and tells what is looked at.

/** A call; a refusal becomes an Error with the simulator's words. */
export async function call(method, path, body, headers = {}) {
  const raw = body instanceof Blob;
  const answer = await fetch(path, {
    method,
    body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    headers: raw || body === undefined ? headers : { "content-type": "application/json", ...headers },
  });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value?.error ?? String(answer.status));
  return value;
}

export const get = (path) => call("GET", path);
export const post = (path, body, headers) => call("POST", path, body, headers);

/** A socket that comes back by itself. `onopen` is called on every (re)connection: then everything is read anew. */
export function connect({ onevent, onopen, onlost }) {
  let socket = null;
  let wait = 250;
  let look = null;
  const tell = () => {
    if (look && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(look));
  };
  const open = () => {
    const url = new URL("live", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = url.search = "";
    socket = new WebSocket(url);
    socket.onopen = () => {
      wait = 250;
      onopen();
      tell();
    };
    socket.onmessage = ({ data }) => onevent(JSON.parse(data));
    socket.onclose = () => {
      onlost();
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  open();
  return {
    /** Say which chats are before the reader's eyes: {wa_id: business number}. */
    look(chats) {
      look = { chats };
      tell();
    },
  };
}
