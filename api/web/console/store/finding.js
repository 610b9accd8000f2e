// What is looked for within the open conversation, and which words are marked in it.
import { computed, signal } from '../../vendor/signals.js';
import { route } from '../core/router.js';
import { searchText } from './filters.js';
import { openId } from './threads.js';

/** The id of the conversation whose find bar stands, or null. */
export const findOpen = signal(null);
/** {words, hits: [{seq, message_id, snippet}] newest first, index, state: idle|loading|ready|failed, problem, cursor}. */
export const finding = signal(nothing());

export function nothing() { return { words: '', hits: [], index: -1, state: 'idle', problem: null, cursor: null }; }

/** The words to mark in the messages on screen: those of the bar, else those of the search that led here. */
export const markedWords = computed(() => {
  if (findOpen.value !== null && findOpen.value === openId.value) return finding.value.words;
  return route.value.page === 'inbox' && route.value.at !== null ? searchText.value : '';
});
