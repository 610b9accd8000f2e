// Whether somebody else answers at the same time: a colleague who writes now, or an answer that came since I began.
import { useRef, useState } from '../../vendor/hooks.js';
import { me } from './session.js';
import { typing } from './typing.js';

/**
 * {rival, clear, mayGo()}: `mayGo` asks once for each text and answers whether to send now; `rival` is
 * {kind: 'typing' | 'answered', name} while the question stands.
 */
export function useCollision(opened, mode, text) {
  const began = useRef(null);
  const asked = useRef(false);
  const [rival, setRival] = useState(null);
  const end = opened.confirmed.peek().at(-1)?.seq ?? 0;
  if (!text.trim()) { began.current = null; asked.current = false; }
  else began.current ??= end;
  const clear = () => setRival(null);
  const mayGo = () => {
    const found = asked.current || mode !== 'reply' ? null : rivalOf(opened, began.current ?? end);
    asked.current = true;
    setRival(found);
    return found === null;
  };
  return { rival, clear, mayGo };
}

function rivalOf(opened, since) {
  const mine = me.peek()?.id;
  const answer = opened.confirmed.peek().findLast((message) => message.seq > since && message.author === 'agent'
    && !message.note && message.author_id !== mine);
  if (answer) return { kind: 'answered', name: answer.author_name };
  const writer = (typing.peek().get(opened.id) ?? []).find((who) => who.kind === 'agent');
  return writer ? { kind: 'typing', name: writer.name } : null;
}
