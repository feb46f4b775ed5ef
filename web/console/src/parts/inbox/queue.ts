// The groups of the inbox: which are shown, which one is at hand, and what came since they were read.
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';

import { api } from '../../api/http';
import { onFrame, onOpen } from '../../api/live';
import { midnight } from '../../format';
import { oops } from '../../say';
import { saving, type GroupRow, type Status, type Summary } from '../../state/inbox';
import { usePages, type Pages } from '../../state/pages';

const SOON = 800; // milliseconds in which news come together

export interface Filter {
  status: Status;
  source: string;
  service: string;
  model: string;
  dates: [string, string] | null;
  q: string;
}

export const unfiltered = (): Filter => ({ status: 'open', source: '', service: '', model: '', dates: null, q: '' });
export const narrowed = (it: Filter): boolean => Boolean(it.source || it.service || it.model || it.dates || it.q);

function asked(it: Filter): Record<string, string> {
  const { dates, ...rest } = it;
  return { ...rest, since: dates ? midnight(dates[0]) : '', until: dates ? midnight(dates[1], 1) : '' };
}

export interface Queue {
  query: ComputedRef<Record<string, string>>;
  list: Pages<GroupRow>;
  summary: Ref<Summary | null>;
  chosen: Ref<number | null>;
  group: ComputedRef<GroupRow | null>;
  fresh: Ref<number>;
  /** Count anew; what came is shown at once if nobody is at work on what is shown. */
  look: () => Promise<void>;
  again: () => Promise<void>;
  step: (by: number) => boolean;
  /** So many messages of the group at hand are decided. */
  lower: (by: number) => void;
  /** The group at hand is done with: the next one takes its place. */
  drop: () => void;
}

export function useQueue(filter: Ref<Filter>): Queue {
  const query = computed(() => asked(filter.value));
  const list = usePages<GroupRow>('/studio/inbox', query);
  const summary = ref<Summary | null>(null);
  const chosen = ref<number | null>(null);
  const fresh = ref(0); // messages that came since the list was read
  const group = computed(() => list.rows.value.find((it) => it.id === chosen.value) ?? null);
  let looks = 0;
  let timer = 0;

  async function look(): Promise<void> {
    const mine = ++looks;
    try {
      const before = summary.value?.counts.open;
      const found = await api.get<Summary>('/studio/inbox/summary', { status: filter.value.status });
      if (mine !== looks) return; // a later look knows more
      summary.value = found;
      const more = before === undefined ? 0 : (found.counts.open ?? 0) - before;
      if (more > 0 && !chosen.value && !saving.value) await list.load();
      else if (more > 0 && filter.value.status === 'open') fresh.value += more;
    } catch (error) {
      oops(error);
    }
  }

  async function again(): Promise<void> {
    await Promise.all([list.load(), look()]);
    fresh.value = 0;
  }

  function step(by: number): boolean {
    const at = list.rows.value.findIndex((it) => it.id === chosen.value);
    const next = list.rows.value[at + by];
    if (next) chosen.value = next.id;
    return Boolean(next);
  }

  function lower(by: number): void {
    list.rows.value = list.rows.value.map((it) => (it.id === chosen.value ? { ...it, number: Math.max(1, it.number - by) } : it));
  }

  function drop(): void {
    const at = list.rows.value.findIndex((it) => it.id === chosen.value);
    const rows = list.rows.value.filter((it) => it.id !== chosen.value);
    chosen.value = (rows[at] ?? rows[at - 1])?.id ?? null;
    list.rows.value = rows;
  }

  function soon(): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), SOON);
  }

  watch(list.rows, (rows) => {
    if (!rows.some((it) => it.id === chosen.value)) chosen.value = rows[0]?.id ?? null;
  });
  watch(() => filter.value.status, look, { immediate: true });
  watch(query, () => (fresh.value = 0));
  const deaf = [onFrame((frame) => frame.type === 'misread' && soon()), onOpen(soon)];
  onScopeDispose(() => {
    deaf.forEach((stop) => stop());
    window.clearTimeout(timer);
  });
  return { query, list, summary, chosen, group, fresh, look, again, step, lower, drop };
}
