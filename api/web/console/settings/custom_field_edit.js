// Making and changing a custom field; what values are kept by (entity, key, type) is settled when it is made.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { patch, post } from '../core/api.js';
import { Dialog } from '../components/dialog.js';
import { folded } from './combobox.js';
import { Area, Fact, Radios, Select, Text } from './fields.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { ifSaved } from './guard.js';

const TYPES = ['text', 'number', 'date', 'boolean', 'choice', 'url'];

export function EditField({ one, all, onClose, onSaved }) {
  const made = Boolean(one.id);
  const start = { entity: one.entity ?? 'contact', label: one.label ?? '', key: one.key ?? '', type: one.type ?? 'text',
    choices: (one.choices ?? []).join('\n') };
  const form = useForm(start, async (changes, values) => {
    const choices = values.choices.split('\n').map((line) => line.trim()).filter(Boolean);
    if (made) {
      await patch(`/custom-fields/${one.id}`, { ...('label' in changes ? { label: changes.label } : {}),
        ...('choices' in changes ? { choices } : {}) });
      return;
    }
    const position = all.filter((other) => other.entity === values.entity).length;
    await post('/custom-fields', { ...values, key: values.key || keyFrom(values.label),
      choices: values.type === 'choice' ? choices : [], position });
  }, { done: () => { onSaved(); onClose(); } });
  const { values } = form;
  return html`<${Dialog} title=${made ? t('fields.edit') : t('fields.add')} onClose=${() => ifSaved(onClose)}>
    <${Sheet} form=${form} foot=${html`<${SaveLine} form=${form} onCancel=${onClose}/>`}>
      ${made ? html`<${Fact} label=${t('fields.entity')}>${t(`fields.of_${values.entity}`)}<//>`
        : html`<${Radios} name="entity" legend=${t('fields.entity')} value=${values.entity}
            onPick=${(entity) => form.set('entity', entity)}
            options=${['contact', 'conversation'].map((entity) => [entity, t(`fields.of_${entity}`)])}/>`}
      <${Text} form=${form} name="label" label=${t('fields.label')} maxlength="120" autofocus autocomplete="off"/>
      ${made ? html`<${Fact} label=${t('fields.key')}><code>${values.key}</code><//>
          <${Fact} label=${t('fields.type')}>${t(`fields.type_${values.type}`)}<//>`
        : html`<${Text} form=${form} name="key" label=${t('fields.key')} hint=${t('fields.key_hint')} maxlength="40"
              placeholder=${keyFrom(values.label)} autocapitalize="none" spellcheck=${false} autocomplete="off"/>
          <${Select} form=${form} name="type" label=${t('fields.type')}
              options=${TYPES.map((type) => [type, t(`fields.type_${type}`)])}/>`}
      ${values.type === 'choice' && html`<${Area} form=${form} name="choices" label=${t('fields.choices')}
          hint=${t('fields.choices_hint')} rows=${5}/>`}<//><//>`;
}

/** "Customer since" → customer_since */
function keyFrom(label) {
  const plain = folded(label).replace(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+|_+$/g, '').slice(0, 40);
  return plain.replace(/_+$/, '');
}
