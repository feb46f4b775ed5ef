// The queue, my conversations and the alarms, kept true by the live feed.
import { ElNotification } from 'element-plus';
import { computed, ref } from 'vue';

import { api } from '../api/http';
import { onFrame, onOpen, watch as watchLive } from '../api/live';
import type { ConversationRow, Line } from '../api/conversations';
import type { Frame } from '../api/frames';
import type { Page } from '../api/types';
import { t } from '../i18n';
import { ring } from '../sound';
import { setSkew } from './clock';
import { heardOf, refreshPresence, session } from './session';

const RANK = { normal: 0, high: 1, emergency: 2 };

export interface Alarm {
  row: ConversationRow;
  taken: string; // who took it
}

export const queue = ref<ConversationRow[]>([]);
export const mine = ref<ConversationRow[]>([]);
export const beyond = ref(0); // waiting, but not in the list
export const unread = ref<Record<number, number>>({});
export const alarms = ref<Alarm[]>([]);
export const open = ref<number | null>(null); // the conversation on screen
export const loaded = ref(false);
export const failed = ref(false);

export const longest = computed(() => {
  const times = queue.value.map((row) => Date.parse(row.handover?.waiting_since ?? row.last_at));
  return times.length ? Math.min(...times) : null;
});

function sorted(rows: ConversationRow[]): ConversationRow[] {
  const place = (row: ConversationRow): [number, number, number] => [
    -RANK[row.handover?.urgency ?? 'normal'],
    row.handover?.came_back ? 0 : 1,
    Date.parse(row.handover?.queued_at ?? row.last_at),
  ];
  const by = (a: [number, number, number], b: [number, number, number]): number =>
    a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  return [...rows].sort((a, b) => by(place(a), place(b)));
}

/** The conversation that waits for my yes. */
export const offer = computed(() => queue.value.find((row) => offeredTo(row) === session.me.value?.id) ?? null);

/** Before whom a waiting conversation is right now. */
export function offeredTo(row: ConversationRow): number | null {
  return row.handover?.offered_id ?? null;
}

function offered(conversation: number, who: number | null, name = '', until: string | null = null): void {
  queue.value = queue.value.map((row) =>
    row.id === conversation && row.handover
      ? { ...row, handover: { ...row.handover, offered_id: who, offered: name, offered_until: until } }
      : row,
  );
}

export async function decline(id: number): Promise<void> {
  offered(id, null);
  await api.post(`/conversations/${id}/decline`);
}

function put(rows: ConversationRow[], row: ConversationRow): ConversationRow[] {
  return [...rows.filter((one) => one.id !== row.id), row];
}

function without(rows: ConversationRow[], id: number): ConversationRow[] {
  return rows.filter((row) => row.id !== id);
}

export function follow(): void {
  watchLive([...mine.value.map((row) => row.id), ...(open.value ? [open.value] : [])]);
}

let reads = 0;
let meanwhile: Frame[] | null = null; // came while the lists are read, which may not hold it yet

/** `back`: after the connection was lost, so that what went on without me is said. */
export async function reload(back = false): Promise<void> {
  const had = mine.value;
  const read = ++reads;
  meanwhile = [];
  try {
    const [waiting, own] = await Promise.all([
      api.get<{ rows: ConversationRow[]; total: number }>('/queue'),
      api.get<Page<ConversationRow>>('/conversations', { scope: 'mine' }),
    ]);
    if (read !== reads) return; // a later reading knows better
    queue.value = sorted(waiting.rows);
    beyond.value = waiting.total - waiting.rows.length;
    mine.value = own.rows;
    meanwhile?.forEach(settle);
    failed.value = false;
    const gone = had.filter((row) => !mine.value.some((one) => one.id === row.id));
    if (back && gone.length) {
      const message = t('seating.goneWhile', { n: gone.length });
      ElNotification({ title: t('seating.gone'), message, type: 'warning', duration: 0 });
    }
    const grave = queue.value.filter((row) => row.handover?.urgency === 'emergency');
    alarms.value = [
      ...alarms.value.filter((alarm) => grave.some((row) => row.id === alarm.row.id)),
      ...grave.filter((row) => !alarms.value.some((alarm) => alarm.row.id === row.id)).map((row) => ({ row, taken: '' })),
    ];
    follow();
  } catch {
    if (read === reads) failed.value = true;
  } finally {
    if (read === reads) meanwhile = null;
    loaded.value = true;
  }
}

/** Where a frame puts its conversation. */
function settle(frame: Frame): void {
  switch (frame.type) {
    case 'waiting':
      queue.value = sorted(put(queue.value, frame.row));
      mine.value = without(mine.value, frame.row.id);
      break;
    case 'offered':
      offered(frame.conversation, frame.operator, frame.name, frame.until);
      break;
    case 'offer_ended':
      if (queue.value.find((row) => row.id === frame.conversation && offeredTo(row) === frame.operator)) {
        offered(frame.conversation, null);
      }
      break;
    case 'claimed':
      queue.value = without(queue.value, frame.row.id);
      mine.value =
        frame.operator === session.me.value?.id ? put(mine.value, frame.row) : without(mine.value, frame.row.id);
      break;
    case 'ended':
      queue.value = without(queue.value, frame.conversation);
      mine.value = without(mine.value, frame.conversation);
      break;
  }
}

function handle(frame: Frame): void {
  meanwhile?.push(frame);
  if (frame.type === 'waiting' && frame.before === session.me.value?.id) takenAway(frame.row, frame.why ?? '');
  settle(frame);
  switch (frame.type) {
    case 'offered':
      setSkew(frame.now);
      if (frame.operator === session.me.value?.id) ring('offer');
      break;
    case 'claimed':
      taken(frame.row);
      follow();
      break;
    case 'ended':
      alarms.value = alarms.value.filter((alarm) => alarm.row.id !== frame.conversation);
      follow();
      break;
    case 'line':
      frame.lines.forEach((line) => heard(frame.conversation, line));
      break;
    case 'alarm':
      alarm(frame.row);
      break;
    case 'presence':
      heardOf(frame.person);
      break;
  }
}

/** What I held is somebody else's again: said once, with the reason. */
function takenAway(row: ConversationRow, why: string): void {
  if (!mine.value.some((one) => one.id === row.id) || !['lost', 'no_reply'].includes(why)) return;
  ElNotification({ title: t('seating.gone'), message: t(`seating.gone_${why}`, { who: row.who }), type: 'warning', duration: 0 });
}

function taken(row: ConversationRow): void {
  alarms.value = alarms.value.map((alarm) =>
    alarm.row.id === row.id ? { row, taken: row.handover?.operator ?? '' } : alarm,
  );
  window.setTimeout(() => {
    alarms.value = alarms.value.filter((alarm) => alarm.row.id !== row.id || !alarm.taken);
  }, 6000);
}

function heard(conversation: number, line: Line): void {
  const row = mine.value.find((one) => one.id === conversation);
  if (!row || line.seq < row.seq) return;
  const fresh = line.seq > row.seq;
  mine.value = mine.value.map((one) =>
    one.id === conversation
      ? {
          ...one,
          seq: line.seq,
          last: line.author === 'citizen' ? line.text || (line.media[0] ? `[${line.media[0].kind}]` : '') : one.last,
          last_author: line.author,
          last_at: line.at,
          unanswered: line.author === 'citizen',
        }
      : one,
  );
  if (fresh && line.author === 'citizen' && (conversation !== open.value || document.hidden)) {
    unread.value = { ...unread.value, [conversation]: (unread.value[conversation] ?? 0) + 1 };
    ring('message');
  }
}

function alarm(row: ConversationRow): void {
  const known = alarms.value.some((one) => one.row.id === row.id);
  const taken = row.handover?.status === 'claimed' ? row.handover.operator : '';
  alarms.value = [...alarms.value.filter((one) => one.row.id !== row.id), { row, taken }];
  if (known) return;
  ring('alarm');
  if ('Notification' in window && Notification.permission === 'granted') {
    const note = new Notification('⚠ 紧急求助 · Emergency', { body: row.last, tag: `alarm-${row.id}`, requireInteraction: true });
    note.onclick = () => window.focus();
  }
}

export function dismiss(id: number): void {
  alarms.value = alarms.value.filter((alarm) => alarm.row.id !== id);
}

export function look(id: number | null): void {
  open.value = id;
  if (id !== null && unread.value[id]) unread.value = { ...unread.value, [id]: 0 };
  follow();
}

let started = false;

export function start(): void {
  if (started) return;
  started = true;
  onFrame(handle);
  onOpen(() => {
    void reload(true);
    refreshPresence().catch(() => undefined); // the next frame or read says it
  });
}

export function clear(): void {
  queue.value = [];
  mine.value = [];
  alarms.value = [];
  unread.value = {};
  open.value = null;
  loaded.value = false;
}
