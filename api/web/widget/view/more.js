/* What else a visitor may do: have the thread by e-mail, and decide whether the page is shared. */
import { Component } from '../../vendor/preact.js';
import { EMAIL } from '../session.js';
import { t } from '../text.js';
import { html, Icon } from './parts.js';
import { Field } from './pre_chat.js';

export class More extends Component {
  state = { wrong: null, done: null, failed: null, busy: false };

  componentDidMount() {
    this.box.querySelector('input, button').focus({ preventScroll: true });
  }

  render({ chat, onClose }, { wrong, done, failed, busy }) {
    return html`<div class="sheet" role="group" aria-label=${t('more')} ref=${(it) => (this.box = it)} onKeyDown=${(event) => this.#press(event)}>
      <button type="button" class="tool small away" aria-label=${t('done')} title=${t('done')} onClick=${onClose}><${Icon} name="close" /></button>
      ${chat.canMail() && html`<form class="form" noValidate onSubmit=${(event) => this.#submit(event)}>
        <p>${t('transcript')}</p>
        <${Field} name="email" type="email" complete="email" value=${chat.visitor.value?.email} required wrong=${wrong} />
        <div role="status">${done && html`<p class="right">${done}</p>`}</div>
        <div role="alert">${failed && html`<p class="wrong">${failed}</p>`}</div>
        <div class="acts"><button type="submit" class="main" aria-disabled=${busy}>${t('transcript_send')}</button></div>
      </form>`}
      ${chat.settings.value.share_page === 'ask' && html`<label class="check">
        <input type="checkbox" checked=${chat.consent.value === true} onChange=${(event) => chat.agree(event.target.checked)} />
        <span>${t('share_page')}</span>
      </label>`}
    </div>`;
  }

  #press(event) {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.props.onClose();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.state.busy) return;
    const email = event.target.elements.email.value.trim();
    const wrong = EMAIL.test(email) ? null : t('email_wrong');
    this.setState({ wrong, done: null, failed: null, busy: !wrong });
    if (wrong) {
      event.target.elements.email.focus();
      return;
    }
    try {
      await this.props.chat.mail(email);
      this.setState({ done: t('transcript_sent', { email }) });
    } catch (error) {
      this.setState({ failed: error.detail || t('not_saved') });
    } finally {
      this.setState({ busy: false });
    }
  }
}
