// A list paged by key: reads again when the query changes, goes on from the last row.
import { ref, watch, type Ref } from 'vue';

import { api } from '../api/http';
import type { Page } from '../api/types';
import { oops } from '../say';

export interface Pages<T> {
  rows: Ref<T[]>;
  next: Ref<string | null>;
  loaded: Ref<boolean>;
  busy: Ref<boolean>;
  failed: Ref<boolean>;
  load: () => Promise<void>;
  more: () => Promise<void>;
}

type Query = Record<string, string | number | boolean | string[] | null | undefined>;

export function usePages<T>(path: string, query: Ref<Query>): Pages<T> {
  const rows = ref([]) as Ref<T[]>;
  const next = ref<string | null>(null);
  const [loaded, busy, failed] = [ref(false), ref(false), ref(false)];
  let asked: AbortController | null = null;

  async function load(): Promise<void> {
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    busy.value = true;
    try {
      const page = await api.get<Page<T>>(path, query.value, mine.signal);
      rows.value = page.rows;
      next.value = page.next;
      failed.value = false;
      loaded.value = true;
    } catch (error) {
      if (error instanceof DOMException) return;
      failed.value = true;
    } finally {
      if (asked === mine) busy.value = false;
    }
  }

  async function more(): Promise<void> {
    if (!next.value || busy.value) return;
    busy.value = true;
    try {
      const page = await api.get<Page<T>>(path, { ...query.value, after: next.value });
      rows.value = [...rows.value, ...page.rows];
      next.value = page.next;
    } catch (error) {
      oops(error);
    } finally {
      busy.value = false;
    }
  }

  watch(
    () => JSON.stringify(query.value),
    () => void load(),
    { immediate: true },
  );
  return { rows, next, loaded, busy, failed, load, more };
}
