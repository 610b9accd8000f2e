/* How it was, asked once when the conversation has ended. */
import { Component } from '../../vendor/preact.js';
import { Refused } from '../rest.js';
import { t } from '../text.js';
import { html, Icon } from './parts.js';

const SCORES = [1, 2, 3, 4, 5];

export class Rating extends Component {
  state = { score: 0, failed: null, busy: false };

  render({ onDismiss }, { score, failed, busy }) {
    return html`<form class="form card" onSubmit=${(event) => this.#submit(event)} aria-label=${t('rate')}>
      <fieldset>
        <legend>${t('rate')}</legend>
        <div class="scores">
          ${SCORES.map((it) => html`<label class=${it <= score ? 'on' : ''} key=${it}>
            <input type="radio" name="score" value=${it} checked=${it === score} onChange=${() => this.setState({ score: it })} aria-label=${t(`score_${it}`)} />
            <${Icon} name="star" />
          </label>`)}
        </div>
        <p class="said" aria-hidden="true">${score ? t(`score_${score}`) : ''}</p>
      </fieldset>
      ${score > 0 && html`<label class="field"><span>${t('rate_comment')} <small>${t('optional')}</small></span>
        <textarea rows="2" maxlength="1000" dir="auto" ref=${(it) => (this.comment = it)}></textarea></label>`}
      <div role="alert">${failed && html`<p class="wrong">${failed}</p>`}</div>
      <div class="acts">
        <button type="button" class="link" onClick=${onDismiss}>${t('not_now')}</button>
        ${score > 0 && html`<button type="submit" class="main" aria-disabled=${busy}>${t('rate_send')}</button>`}
      </div>
    </form>`;
  }

  async #submit(event) {
    event.preventDefault();
    const { score, busy } = this.state;
    if (!score || busy) return;
    this.setState({ busy: true, failed: null });
    try {
      await this.props.chat.rate({ score, comment: this.comment?.value.trim() ?? '' });
    } catch (error) {
      if (error instanceof Refused && error.status === 409) this.props.onDismiss(); // rated elsewhere, or nothing to rate
      else this.setState({ busy: false, failed: error.detail || t('not_saved') });
    }
  }
}
