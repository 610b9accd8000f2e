/* What the company asks before the first message. */
import { Component } from '../../vendor/preact.js';
import { EMAIL } from '../session.js';
import { t } from '../text.js';
import { html } from './parts.js';

export class PreChat extends Component {
  state = { wrong: {}, failed: null, busy: false };

  componentDidMount() {
    if (this.props.takeFocus()) this.form.querySelector('input').focus({ preventScroll: true });
  }

  render({ chat }, { wrong, failed, busy }) {
    const { ask_name, ask_email, required } = chat.settings.value.pre_chat;
    const { name, email } = chat.visitor.value;
    return html`<form class="form" noValidate ref=${(it) => (this.form = it)} onSubmit=${(event) => this.#submit(event)} aria-label=${t('before')}>
      <p>${t('before')}</p>
      ${ask_name && html`<${Field} name="name" complete="name" value=${name} required=${required} wrong=${wrong.name} />`}
      ${ask_email && html`<${Field} name="email" type="email" complete="email" value=${email} required=${required} wrong=${wrong.email} />`}
      <div role="alert">${(failed || chat.owed.value) && html`<p class="wrong">${failed || chat.owed.value}</p>`}</div>
      <div class="acts">
        ${!required && html`<button type="button" class="link" onClick=${chat.skip}>${t('skip')}</button>`}
        <button type="submit" class="main" aria-disabled=${busy}>${t('begin')}</button>
      </div>
    </form>`;
  }

  async #submit(event) {
    event.preventDefault();
    if (this.state.busy) return;
    const said = Object.fromEntries(new FormData(this.form));
    for (const key of Object.keys(said)) said[key] = said[key].trim();
    const wrong = this.#check(said);
    this.setState({ wrong, failed: null, busy: !Object.keys(wrong).length });
    if (Object.keys(wrong).length) {
      this.form.elements[Object.keys(wrong)[0]].focus();
      return;
    }
    try {
      await this.props.chat.answer(said);
    } catch (error) {
      this.setState({ failed: error.detail || t('not_saved'), busy: false });
    }
  }

  #check(said) {
    const { required } = this.props.chat.settings.value.pre_chat;
    const wrong = {};
    for (const [key, value] of Object.entries(said)) {
      if (required && !value) wrong[key] = t('needed');
      else if (key === 'email' && value && !EMAIL.test(value)) wrong[key] = t('email_wrong');
    }
    return wrong;
  }
}

export function Field({ name, type = 'text', complete, value, required, wrong }) {
  return html`<label class="field">
    <span>${t(`your_${name}`)}${!required && html` <small>${t('optional')}</small>`}</span>
    <input name=${name} type=${type} autocomplete=${complete} maxlength="100" dir="auto" defaultValue=${value}
      aria-required=${required ? 'true' : null} aria-invalid=${wrong ? 'true' : null} aria-describedby=${wrong ? `${name}-wrong` : null} />
    ${wrong && html`<span class="wrong" id=${`${name}-wrong`}>${wrong}</span>`}
  </label>`;
}
