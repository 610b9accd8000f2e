/* Who the visitor is to the server: a token kept on the device, renewed when it is refused. */
import { alone } from './keep.js';
import { Refused } from './rest.js';

export const EMAIL = /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+\.[^\s@<>()[\]\\,;:"]+$/;

/** `ensure()` opens the session once. `authorised(act)` runs a call; when the token is refused, it renews it and runs it again. */
export class Session {
  #keep;
  #channel;
  #known;
  #opening = null;

  constructor({ keep, channel, known }) {
    this.#keep = keep;
    this.#channel = channel;
    this.#known = plain(known);
  }

  get token() {
    return this.#keep.get('visitor')?.token ?? null;
  }

  ensure() {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  renew() {
    this.#opening = null;
    return this.ensure();
  }

  /** What the host page or the visitor says of the visitor; null: whoever it was has left. */
  identify(who) {
    if (who === null) this.#keep.remove('visitor');
    this.#known = who === null ? {} : { ...this.#known, ...plain(who) };
    return this.#opening ? this.renew() : Promise.resolve();
  }

  async authorised(act) {
    await this.ensure();
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error;
      await this.renew();
      return act();
    }
  }

  // One tab at a time: two tabs opened together are one visitor.
  async #open() {
    const vouched = Boolean(this.#known.token);
    const [answer, before] = await alone(`${this.#channel}.session`, async () => {
      const was = this.#keep.get('visitor')?.id;
      const given = await this.#ask();
      this.#keep.set('visitor', { token: given.visitor_token, id: given.visitor_id });
      return [given, was];
    });
    this.#known.token = null; // once is enough: from now on the visitor's own token stands for it
    this.onOpen(answer, vouched && before && before !== answer.visitor_id);
    return answer;
  }

  async #ask() {
    const { name, email, token } = this.#known;
    const said = { locale: this.rest.language };
    if (name) said.name = name;
    if (email) said.email = email;
    if (token) said.identity_token = token;
    if (this.token) said.visitor_token = this.token;
    try {
      return await this.rest.session(said);
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'identity_invalid')) throw error;
      this.#known.token = null;
      this.onDoubted(error);
      return this.#ask();
    }
  }
}

/** What may be said of a visitor, in a form that the server takes; anything else is the host page's mistake and is left out. */
function plain({ name, email, token }) {
  const said = {};
  if (name !== undefined) said.name = [...String(name ?? '')].filter((it) => it >= ' ' && it !== '\x7f').join('').slice(0, 100);
  if (email !== undefined) said.email = EMAIL.test(email ?? '') ? String(email) : '';
  if (token !== undefined) said.token = token;
  return said;
}
