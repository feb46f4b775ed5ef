// What is written and not sent: kept by the server for every machine, and in this tab for the second before that.
import { onScopeDispose, ref, watch, type Ref } from 'vue';

import { api } from '../api/http';

const PAUSE = 700; // milliseconds without a key, then it is kept

export interface Draft {
  text: Ref<string>;
  internal: Ref<boolean>;
  sent: () => void; // the server forgets it with the message itself
}

export function useDraft(conversation: number, kept: { text: string; internal: boolean } | null): Draft {
  const key = `lianxin.draft.${conversation}`;
  const near = sessionStorage.getItem(key);
  const text = ref(near ?? kept?.text ?? '');
  const internal = ref(near === null ? (kept?.internal ?? false) : sessionStorage.getItem(`${key}.internal`) === '1');
  let timer = 0;
  let last: Promise<unknown> = Promise.resolve();

  function keep(): void {
    window.clearTimeout(timer);
    timer = 0;
    const body = { text: text.value, internal: internal.value };
    last = last.then(() => api.put(`/conversations/${conversation}/unsent`, body)).catch(() => undefined); // one after the other
  }

  watch([text, internal], ([now, aside]) => {
    if (now) {
      sessionStorage.setItem(key, now);
      sessionStorage.setItem(`${key}.internal`, aside ? '1' : '0');
    } else {
      sessionStorage.removeItem(key);
      sessionStorage.removeItem(`${key}.internal`);
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, PAUSE);
  });

  function sent(): void {
    text.value = '';
  }

  onScopeDispose(() => {
    if (timer) keep();
  });
  return { text, internal, sent };
}
