/* Who the visitor is to the server: a token kept on the device, renewed when it is refused. */
import { alone } from './keep.js';
import { Refused } from './rest.js';

/** `ensure()` opens the session once. `authorised(act)` runs a call; when the token is refused, it renews it and runs it again. */
export class Session {
  #keep;
  #channel;
  #known;
  #opening = null;

  constructor({ keep, channel, known }) {
    this.#keep = keep;
    this.#channel = channel;
    this.#known = known;
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

  identify(who) {
    this.#known = { ...this.#known, ...who };
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
    const answer = await alone(`${this.#channel}.session`, async () => {
      const given = await this.#ask();
      this.#keep.set('visitor', { token: given.visitor_token, id: given.visitor_id });
      return given;
    });
    this.onOpen(answer);
    return answer;
  }

  async #ask() {
    const { name, email } = this.#known;
    const said = { page_url: pageUrl(), locale: this.rest.language };
    if (name) said.name = String(name).slice(0, 100);
    if (email) said.email = String(email).slice(0, 200);
    if (!this.token) return this.rest.session(said);
    try {
      return await this.rest.session({ ...said, visitor_token: this.token });
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error;
      this.#keep.remove('visitor');
      return this.rest.session(said);
    }
  }
}

/** Without query and fragment, which may hold what is nobody's business. */
function pageUrl() {
  return (location.origin + location.pathname).slice(0, 2000);
}
