// Says arriving messages of the open conversation to a screen reader.
import { t } from '../../shared/i18n.js';
import { on } from '../core/wire.js';
import { say } from './announce.js';
import { openId } from './threads.js';

on('event', ({ c, e, d }) => {
  if (e !== 'message.received' || c !== openId.peek()) return;
  const { author_name: name, text, kind } = d.message;
  say(t('announce.message', { name: name || t('author.customer'), text: text || t(`kind.${kind}`) }));
});
