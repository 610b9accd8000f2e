/* How far the visitor has read: shared by tabs, told to the server, counted on the button. */
import { computed, effect, signal } from '../vendor/signals.js';

/**
 * `looking` is a signal: the visitor has the thread before the eyes. `count` is a signal of unread messages of the house.
 * `tell(seq)` sends the read mark and gives whether it left.
 */
export function readingOf({ keep, thread, looking, tell }) {
  const seen = signal(keep.get('seen') ?? 0);
  let told = 0;

  const theirs = computed(() => thread.messages.value.filter((it) => it.author !== 'customer' && it.kind !== 'system'));
  const last = computed(() => theirs.value.at(-1)?.seq ?? 0);
  const count = computed(() => theirs.value.filter((it) => it.seq > seen.value && !it.deleted_at).length);

  const reach = (seq) => {
    if (seq > seen.peek()) seen.value = seq;
  };
  const sync = () => {
    if (seen.peek() > told && tell(seen.peek())) told = seen.peek();
  };
  keep.watch('seen', reach);
  effect(() => {
    if (!looking.value || last.value <= seen.value) return;
    reach(last.value);
    keep.set('seen', last.value);
    sync();
  });
  return { seen, count, reach, sync };
}
