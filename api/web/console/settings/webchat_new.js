// Making a web chat: a name, a colour and a first word, with the chat beside it as it will look.
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';
import { post } from '../core/api.js';
import { go } from '../core/router.js';
import { refreshChannels } from '../store/directory.js';
import { me } from '../store/session.js';
import { Colour, isColour, Readable } from './colour.js';
import { Area, Text } from './fields.js';
import { Sheet, SaveLine, useForm } from './form.js';
import { Head, Part } from './page.js';
import { WidgetPreview } from './widget_preview.js';

export function NewWebchat() {
  const { organization } = me.value;
  const accent = organization.appearance?.accent ?? '#2563eb';
  const start = { name: organization.name, 'settings/color': '', 'settings/greeting': t('webchat.first_greeting') };
  let made = null;
  const form = useForm(start, async (_, values) => {
    made = await post('/channels', { kind: 'webchat', name: values.name.trim(),
      settings: { color: values['settings/color'] || null, greeting: values['settings/greeting'] } });
    refreshChannels();
  }, { fresh: true, done: () => go(`#/settings/channels/${made.id}/install`) });
  const { values } = form;
  const colour = values['settings/color'];
  const foot = html`<${SaveLine} form=${form} label=${t('webchat.create')} onCancel=${() => go('#/settings/channels')}/>`;
  return html`<${Head} title=${t('channels.add_webchat')} intro=${t('webchat.new_intro')}
      back=${['#/settings/channels', t('place.channels')]}/>
    <${Part}><div class="with-preview"><${Sheet} form=${form} foot=${foot}>
      <${Text} form=${form} name="name" label=${t('webchat.name')} hint=${t('webchat.name_hint')} maxlength="100"
          autocomplete="off"/>
      <${Colour} form=${form} name="settings/color" label=${t('webchat.colour')} hint=${t('webchat.colour_hint')}
          fallback=${accent}/>
      <${Readable} colour=${isColour(colour) ? colour : accent}/>
      <${Area} form=${form} name="settings/greeting" label=${t('webchat.greeting')} hint=${t('webchat.greeting_hint')}
          rows=${3} maxlength="500"/><//>
    <${WidgetPreview} channel=${{ name: values.name, color: isColour(colour) ? colour : accent,
      greeting: values['settings/greeting'], logo_url: organization.appearance?.logo_url }}/></div><//>`;
}
