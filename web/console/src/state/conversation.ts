// One open conversation: read once, then kept true by the live feed; what is being sent shows at once.
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue';

import { api, Problem } from '../api/http';
import { onFrame, onOpen } from '../api/live';
import type { Conversation, Line, Note } from '../api/conversations';
import type { FileInfo } from '../api/tickets';
import { session } from './session';

export interface Pending {
  client_id: string;
  text: string;
  file: FileInfo | null;
  at: string;
  failed: boolean;
  cut?: boolean; // no answer came: it goes out by itself when the network is back
}

/** What did not go out yet, by person and conversation: it waits while another conversation is open. */
const unsent = ref<Record<string, Pending[]>>({});

export interface Talk {
  id: Ref<number | null>;
  data: Ref<Conversation | null>;
  failed: Ref<boolean>;
  pending: Ref<Pending[]>;
  typing: Ref<boolean>;
  whole: Ref<boolean>; // the first line is loaded
  load: () => Promise<void>;
  earlier: () => Promise<void>;
  noted: (note: Note) => void;
  send: (text: string, file?: FileInfo | null) => Promise<void>;
  again: (one: Pending) => Promise<void>;
  drop: (one: Pending) => void;
}

function merge(old: Line[], fresh: Line[]): Line[] {
  const all = new Map(old.map((line) => [line.seq, line]));
  fresh.forEach((line) => all.set(line.seq, line));
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

function joined(old: Note[], fresh: Note[]): Note[] {
  const ids = new Set(fresh.map((note) => note.id));
  return [...old.filter((note) => !ids.has(note.id)), ...fresh].sort((a, b) => a.id - b.id);
}

/** What was read, and around it what is known already: earlier lines, and what came while it was read. */
function over(old: Conversation | null, fresh: Conversation): Conversation {
  if (old?.row.id !== fresh.row.id || old.masked !== fresh.masked) return fresh;
  const [first, last] = [fresh.lines[0]?.seq ?? 1, fresh.lines.at(-1)?.seq ?? 0];
  const around = old.lines.filter((line) => line.seq < first || line.seq > last);
  return { ...fresh, lines: merge(around, fresh.lines), notes: joined(old.notes, fresh.notes) };
}

function change(conversation: number, how: (list: Pending[]) => Pending[]): void {
  const key = `${session.me.value?.id}:${conversation}`;
  unsent.value = { ...unsent.value, [key]: how(unsent.value[key] ?? []) };
}

export function useConversation(id: Ref<number | null>): Talk {
  const data = ref<Conversation | null>(null);
  const failed = ref(false);
  const pending = computed({
    get: () => unsent.value[`${session.me.value?.id}:${id.value}`] ?? [],
    set: (list) => (unsent.value = { ...unsent.value, [`${session.me.value?.id}:${id.value}`]: list }),
  });
  const typing = ref(false);
  const whole = ref(false);
  let typingTimer = 0;
  let asked: AbortController | null = null;
  let refreshTimer = 0;

  async function load(): Promise<void> {
    const wanted = id.value;
    asked?.abort();
    if (wanted === null) return;
    asked = new AbortController();
    try {
      const fresh = await api.get<Conversation>(`/conversations/${wanted}`, {}, asked.signal);
      if (id.value !== wanted) return;
      data.value = over(data.value, fresh);
      whole.value = (data.value.lines[0]?.seq ?? 1) <= 1;
      failed.value = false;
    } catch (error) {
      if (error instanceof DOMException || id.value !== wanted) return;
      const refused = error instanceof Problem && [403, 404].includes(error.status);
      if (refused) data.value = null; // else what is open stays open, and with it what is being written
      failed.value = data.value === null;
    }
  }

  async function earlier(): Promise<void> {
    const first = data.value?.lines[0]?.seq;
    if (!data.value || !first || whole.value) return;
    const wanted = data.value.row.id;
    const { rows } = await api.get<{ rows: Line[] }>(`/conversations/${wanted}/lines`, { before: first });
    if (data.value?.row.id !== wanted) return;
    data.value = { ...data.value, lines: merge(data.value.lines, rows) };
    whole.value = rows.length === 0 || (rows[0]?.seq ?? 1) <= 1;
  }

  function soon(): void {
    window.clearTimeout(refreshTimer);
    refreshTimer = window.setTimeout(() => void load(), 250);
  }

  function noted(note: Note): void {
    if (!data.value) return;
    data.value = { ...data.value, notes: joined(data.value.notes, [note]) };
  }

  function add(lines: Line[]): void {
    if (!data.value) return;
    const last = data.value.lines.at(-1)?.seq ?? 0;
    const fresh = Math.max(...lines.map((line) => line.seq));
    if (fresh > last + 1) return soon(); // something between was missed
    if (lines.some((line) => line.author === 'citizen')) typing.value = false;
    const ids = new Set(lines.map((line) => line.client_id).filter(Boolean));
    pending.value = pending.value.filter((one) => !ids.has(one.client_id));
    data.value = { ...data.value, lines: merge(data.value.lines, lines) };
  }

  const off = [
    onFrame((frame) => {
      if (frame.type === 'line' && frame.conversation === id.value) {
        add(frame.lines);
        if (frame.lines.some((line) => line.author === 'citizen' || line.notice || line.delivery)) soon();
      } else if (frame.type === 'typing' && frame.conversation === id.value) {
        typing.value = true;
        window.clearTimeout(typingTimer);
        typingTimer = window.setTimeout(() => (typing.value = false), 5000);
      } else if ((frame.type === 'claimed' || frame.type === 'waiting') && frame.row.id === id.value) soon();
      else if (frame.type === 'note' && frame.conversation === id.value) noted(frame.note);
      else if (frame.type === 'limit' && frame.conversation === id.value) soon();
      else if (frame.type === 'ended' && frame.conversation === id.value) soon();
      else if (frame.type === 'ticket' && frame.ticket.conversation === id.value) soon();
    }),
    onOpen(() => void load().then(resend)),
  ];
  onScopeDispose(() => {
    off.forEach((stop) => stop());
    asked?.abort();
    window.clearTimeout(refreshTimer);
    window.clearTimeout(typingTimer);
  });

  watch(
    id,
    () => {
      data.value = null;
      failed.value = false;
      typing.value = false;
      whole.value = false;
      void load().then(resend);
    },
    { immediate: true },
  );

  async function post(one: Pending): Promise<void> {
    const wanted = id.value;
    if (wanted === null) return;
    try {
      const line = await api.post<Line>(`/conversations/${wanted}/reply`, {
        text: one.text,
        attachments: one.file ? [one.file.id] : [],
        client_id: one.client_id,
      });
      if (id.value === wanted) add([{ ...line, name: session.me.value?.name ?? line.name }]);
      change(wanted, (list) => list.filter((other) => other.client_id !== one.client_id));
    } catch (error) {
      lost(wanted, one, error);
      if (id.value === wanted) throw error;
    }
  }

  function lost(where: number, one: Pending, error: unknown): void {
    const cut = error instanceof Problem && error.status === 0;
    change(where, (list) => list.map((other) => (other.client_id === one.client_id ? { ...other, failed: true, cut } : other)));
  }

  /** In the order in which they were written. A repeat of what arrived after all is said once. */
  async function resend(): Promise<void> {
    for (const one of pending.value.filter((other) => other.failed && other.cut)) {
      await again(one).catch(() => undefined);
    }
  }

  async function send(text: string, file: FileInfo | null = null): Promise<void> {
    const one = { client_id: crypto.randomUUID(), text, file, at: new Date().toISOString(), failed: false };
    pending.value = [...pending.value, one];
    await post(one);
  }

  async function again(one: Pending): Promise<void> {
    pending.value = pending.value.map((other) =>
      other.client_id === one.client_id ? { ...other, failed: false } : other,
    );
    await post(one);
  }

  function drop(one: Pending): void {
    pending.value = pending.value.filter((other) => other.client_id !== one.client_id);
  }

  return { id, data, failed, pending, typing, whole, load, earlier, noted, send, again, drop };
}
