// What could be said to the citizen's last line: asked again whenever they say something new.
import { onScopeDispose, ref, watch, type Ref } from 'vue';

import { api } from '../api/http';
import type { Advice } from '../api/talk';
import type { Talk } from './conversation';

export function useAdvice(talk: Talk, wanted: () => boolean): { advice: Ref<Advice | null> } {
  const advice = ref<Advice | null>(null);
  let timer = 0;
  let asked: AbortController | null = null;

  async function load(): Promise<void> {
    const id = talk.id.value;
    if (id === null || !wanted()) return;
    asked?.abort();
    asked = new AbortController();
    try {
      advice.value = await api.get<Advice>(`/conversations/${id}/suggestions`, {}, asked.signal);
    } catch {
      advice.value = null; // advice is a help, not a must: the seat goes on without it
    }
  }

  watch(
    () => [talk.data.value?.lines.findLast((line) => line.author === 'citizen' && line.understood)?.seq, wanted()],
    () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void load(), 250);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    window.clearTimeout(timer);
    asked?.abort();
  });
  return { advice };
}
