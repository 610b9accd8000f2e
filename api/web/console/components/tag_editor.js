// The tags of a conversation: seen, taken off, chosen, made.
import { useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { Icon } from '../../shared/icons.js';
import { t } from '../../shared/i18n.js';
import { setTags } from '../store/acts.js';
import { notify } from '../store/announce.js';
import { createTag, tags } from '../store/directory.js';
import { MenuItem, Popover } from './popover.js';

const COLOR = '#64748b';

export function TagEditor({ row, allowed }) {
  const [words, setWords] = useState('');
  const chosen = row.tags.map((tag) => tag.id);
  const flip = (id) => setTags(row.id, chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const found = tags.value.filter((tag) => tag.name.toLocaleLowerCase().includes(words.trim().toLocaleLowerCase()));
  const isNew = words.trim() && !tags.value.some((tag) => tag.name.toLocaleLowerCase() === words.trim().toLocaleLowerCase());
  const make = async (done) => {
    done();
    try {
      const tag = await createTag(words.trim(), COLOR);
      await setTags(row.id, [...chosen, tag.id]);
    } catch (problem) {
      notify(problem.message);
    }
  };
  return html`<div class="tags">
    ${row.tags.map((tag) => html`<span class="tag large" key=${tag.id}>
      ${tag.name}${allowed && html`<button class="icon-button tiny" aria-label=${t('tags.remove', { name: tag.name })}
          onClick=${() => flip(tag.id)}><${Icon} name="close" size=${12}/></button>`}</span>`)}
    ${allowed && html`<${Popover} label=${t('tags.add')} role="dialog" act="tags" class="button small"
        boxClass="assign-menu" onOpen=${() => setWords('')}
            button=${html`<${Icon} name="plus" size=${16}/><span>${t('tags.add')}</span>`}>
      ${(done) => html`<div class="menu-search">
        <input autofocus type="text" placeholder=${t('tags.search')} aria-label=${t('tags.search')} value=${words}
            onInput=${(event) => setWords(event.target.value)}
          onKeyDown=${(event) => { if (event.key === 'Enter' && isNew) make(done); }}/></div>
        ${(found.length > 0 || isNew) &&
          html`<div class="menu-scroll" role="menu" aria-label=${t('panel.tags')}>
            ${found.map((tag) => html`<${MenuItem} key=${tag.id} checked=${chosen.includes(tag.id)}
                icon=${html`<${Icon} name="tag" size=${16}/>`} onPick=${() => flip(tag.id)}>${tag.name}<//>`)}
        ${isNew && html`<${MenuItem} icon=${html`<${Icon} name="plus" size=${16}/>`} onPick=${() => make(done)}>
          ${t('tags.create', { name: words.trim() })}<//>`}
</div>`}
        ${found.length === 0 && !isNew && html`<p class="menu-title">${t('tags.none')}</p>`}`}
    <//>`}</div>`;
}
