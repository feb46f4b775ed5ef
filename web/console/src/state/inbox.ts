// The studio's inbox: what its rows look like, text offsets as Python counts them, and saving in order.
import { ref } from 'vue';

import { api } from '../api/http';

export type Status = 'open' | 'proposed' | 'taught' | 'ignored';
export type Mark = [number, number, string];
export interface Guess {
  name: string;
  confidence: number;
}
export interface Phrase {
  intent: string;
  text: string;
  entities: Mark[];
  kind: string;
  safety: string;
  conduct: string;
}
export interface MessageRow {
  id: number;
  version: number;
  status: Status;
  words: string;
  marks: Mark[];
  guesses: Guess[];
  service: string;
  confidence: number;
  model: string;
  wanted: string;
  wanted_by: string;
  kind: string;
  safety: string;
  note: string;
  sources: string[];
  urgency: number;
  conversation: number;
  at: string;
  proposal: { by: string; mine: boolean; at: string; phrases: Phrase[] } | null;
}
export interface GroupRow {
  id: number;
  number: number;
  urgency: number;
  confidence: number;
  service: string;
  sources: string[];
  newest: string;
  sample: MessageRow;
}
export interface Act {
  id: number;
  verb: 'taught' | 'proposed' | 'confirmed' | 'rejected' | 'ignored';
  by: string;
  at: string;
  number: number;
  service: string;
  note: string;
  undone_by: string;
  undone_at: string | null;
}
export interface Intent {
  id: string;
  title: string;
  title_en: string;
  axis: 'service' | 'act';
  kind: string;
  fresh: boolean;
}
export interface Summary {
  counts: Partial<Record<Status, number>>;
  sources: Record<string, number>;
  models: string[];
  intents: Intent[];
  deadlines: { id: string; zh: string; en: string }[];
  two_person: boolean;
}
export interface Detail {
  row: MessageRow;
  lines: { author: 'citizen' | 'bot' | 'operator' | 'system'; text: string; at: string; this: boolean }[];
  acts: Act[];
}
export interface Alike {
  intent: string;
  text: string;
  score: number;
}
export interface Hint {
  read_as: string;
  confidence: number;
  known: Alike | null;
  sure: boolean;
  against: Alike[];
}
/** What is about to be taught: offsets count UTF-16 units, as the browser does. */
export interface Draft {
  text: string;
  marks: Mark[];
}

/** In the order of the keys Alt+1, Alt+2 … */
export const TAGS = ['estate', 'road', 'community', 'district', 'town', 'room', 'time', 'org', 'person', 'amount', 'people', 'line'] as const;
export const KINDS = ['complaint', 'help', 'question', 'suggestion', 'tip', 'praise'] as const;
export const EMERGENCY = 'emergency';

/** Python counts characters, the browser UTF-16 units: they differ after an emoji. */
export function toUnits(text: string, marks: Mark[]): Mark[] {
  const points = [...text];
  const at = (n: number): number => points.slice(0, n).join('').length;
  return marks.map(([start, end, tag]) => [at(start), at(end), tag]);
}

export function toPoints(text: string, marks: Mark[]): Mark[] {
  const at = (n: number): number => [...text.slice(0, n)].length;
  return marks.map(([start, end, tag]) => [at(start), at(end), tag]);
}

export function drafted(row: MessageRow): Draft {
  return { text: row.words, marks: toUnits(row.words, row.marks) };
}

/** As the API takes it: blanks at the ends gone, and marks moved with them. */
export function phrase(draft: Draft, intent: string, kind: string, safety: string): Phrase {
  const lead = draft.text.length - draft.text.trimStart().length;
  const text = draft.text.trim();
  const marks = draft.marks
    .map(([start, end, tag]): Mark => [Math.max(0, start - lead), Math.min(text.length, end - lead), tag])
    .filter(([start, end]) => start < end);
  return { intent, text, entities: toPoints(text, marks), kind, safety, conduct: '' };
}

/** The marks after the text was changed: those beside the change move, those it cut are dropped. */
export function carried(before: string, after: string, marks: Mark[]): Mark[] {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [end, shift] = [before.length - tail, after.length - before.length];
  return marks.flatMap(([from, to, tag]): Mark[] => {
    if (to <= head) return [[from, to, tag]];
    if (from >= end) return [[from + shift, to + shift, tag]];
    if (from <= head && to >= end && to + shift > from) return [[from, to + shift, tag]];
    return [];
  });
}

/** Mark a stretch; what it overlaps is replaced. No tag: only take marks off. */
export function marked(marks: Mark[], start: number, end: number, tag: string): Mark[] {
  const rest = marks.filter(([from, to]) => to <= start || from >= end);
  return (tag ? [...rest, [start, end, tag] as Mark] : rest).sort((a, b) => a[0] - b[0]);
}

/** Cut in two at a place; a mark that the cut goes through is dropped. */
export function cut(draft: Draft, at: number): [Draft, Draft] {
  const left = draft.text.slice(0, at);
  const right = draft.text.slice(at);
  const lead = right.length - right.replace(/^[\s，。；、！？,.;!?]+/, '').length;
  return [
    { text: left.trimEnd(), marks: draft.marks.filter(([, to]) => to <= left.trimEnd().length) },
    {
      text: right.slice(lead),
      marks: draft.marks.filter(([from]) => from >= at + lead).map(([from, to, tag]) => [from - at - lead, to - at - lead, tag]),
    },
  ];
}

/** The text in pieces, for showing the marks. */
export function pieces(draft: Draft): { text: string; tag: string }[] {
  const out: { text: string; tag: string }[] = [];
  let at = 0;
  for (const [start, end, tag] of draft.marks) {
    if (start > at) out.push({ text: draft.text.slice(at, start), tag: '' });
    out.push({ text: draft.text.slice(start, end), tag });
    at = end;
  }
  if (at < draft.text.length) out.push({ text: draft.text.slice(at), tag: '' });
  return out;
}

// Decisions are saved one after the other while the person goes on: the data is changed under a lock anyway.
export const saving = ref(0);
let last: Promise<unknown> = Promise.resolve();

export function decide(path: string, body?: unknown): Promise<Act> {
  saving.value += 1;
  const mine = saved()
    .then(() => api.post<Act>(`/studio/inbox/${path}`, body))
    .finally(() => (saving.value -= 1));
  last = mine;
  return mine;
}

/** When all that was decided so far is kept, or refused. */
export function saved(): Promise<unknown> {
  return last.catch(() => undefined);
}
