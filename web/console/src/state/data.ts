// The training data as the API gives it, and the few calls that several of its pages share.
import { ref } from 'vue';

import { api } from '../api/http';
import { language } from '../i18n';
import { session } from './session';
import { toPoints, toUnits, type Draft, type Intent, type Mark } from './inbox';

export interface DataRow {
  id: string;
  zh: string;
  en: string;
  category: string;
  department: string;
  kind: string;
  path: string;
  phrases: number;
  kinds: Record<string, number>;
  variety: number;
  problems: Partial<Record<Level, number>>;
  reads: number;
  wrong: number;
  precision: number | null;
  in_service: boolean;
}
export type Level = 'error' | 'warning' | 'hint';
export interface Overview {
  revision: number;
  taught: number;
  at: string;
  by: string;
  phrases: number;
  services: DataRow[];
  acts: DataRow[];
  problems: Partial<Record<Level, number>>;
  articles: number;
  places: number;
  departments: number;
  may_edit: boolean;
}
export interface Made {
  revision: number;
  changed: boolean;
}
export interface Choice {
  id: string;
  zh: string;
  en: string;
}
export interface Choices {
  intents: Choice[];
  categories: string[];
  departments: Choice[];
  deadlines: Choice[];
  kinds: string[];
  details: string[];
  article_files: string[];
  place_lists: string[];
}
export interface Entity {
  start: number;
  end: number;
  tag: string;
}
export interface Phrase {
  id: number;
  path: string;
  line: number;
  intent: string;
  axis: 'service' | 'act';
  text: string;
  entities: Entity[];
  kind: string;
  safety: string;
  conduct: string;
  revision: number;
}
export interface Found {
  code: string;
  level: Level;
  intent: string;
  path: string;
  line: number;
  phrase: number;
  text: string;
  about: string;
}
export interface Detail {
  name: string;
  required?: boolean;
  ask?: boolean;
}
export interface Facts {
  title: string;
  title_en: string;
  about: string;
  category: string;
  department: string;
  deadline: string;
  kind: string;
  details: Detail[];
}
export interface ServicePage {
  row: DataRow;
  facts: Facts;
  etag: string;
  axis: 'service' | 'act';
  live_facts: Partial<Facts> | null;
  confusions: { expected: string; read: string; count: number; source: 'live' | 'test' }[];
  problems: Found[];
}
export type Values = Record<string, unknown>;
export interface Item {
  list: string;
  name: string;
  path: string;
  line: number;
  etag: string;
  facts: Values;
}
export interface Revision {
  number: number;
  at: string;
  operator: string;
  kind: string;
  why: string;
  undoes: number | null;
  undone_by: number | null;
  files: string[];
}
export interface Difference {
  path: string;
  how: string;
  plus: number;
  minus: number;
  lines: { sign: string; line: number; text: string }[];
}

export const BASE = '/studio/data';
export const overview = ref<Overview | null>(null);
export const choices = ref<Choices | null>(null);

/** Read anew after every change: counts, problems and names follow it. */
export async function refresh(): Promise<void> {
  const [now, may] = await Promise.all([api.get<Overview>(BASE), api.get<Choices>(`${BASE}/choices`)]);
  overview.value = now;
  choices.value = may;
}

/** The names of services and acts, without the figures. */
export async function loadNames(): Promise<void> {
  choices.value ??= await api.get<Choices>(`${BASE}/choices`);
}

/** What an answer to a change says of it, until the figures are read anew. */
export function noted(answer: { revision: number }): void {
  if (overview.value) overview.value = { ...overview.value, revision: answer.revision, at: new Date().toISOString(), by: session.me.value?.name ?? '' };
}

export const shown = (one: { zh: string; en: string }): string => (language.value === 'zh' ? one.zh : one.en);

export function named(id: string): string {
  const one = choices.value?.intents.find((it) => it.id === id);
  return one ? shown(one) : id;
}

export function office(id: string): string {
  const one = choices.value?.departments.find((it) => it.id === id);
  return one ? shown(one) : id;
}

/** For the picker that the inbox uses too. */
export function intents(): Intent[] {
  const row = (axis: 'service' | 'act') => (one: DataRow): Intent => ({ id: one.id, title: one.zh, title_en: one.en, axis, kind: one.kind, fresh: !one.in_service });
  const now = overview.value;
  return now ? [...now.services.map(row('service')), ...now.acts.map(row('act'))] : [];
}

export function drafted(one: { text: string; entities: Entity[] }): Draft {
  return { text: one.text, marks: toUnits(one.text, one.entities.map((it): Mark => [it.start, it.end, it.tag])) };
}

export function entities(draft: Draft): Entity[] {
  return toPoints(draft.text, draft.marks).map(([start, end, tag]) => ({ start, end, tag }));
}

/** `[解放路](road)` in a pasted line as a draft. */
export function read(line: string): Draft {
  let text = '';
  let last = 0;
  const marks: Mark[] = [];
  for (const it of line.matchAll(/\[([^\]]+)\]\(([a-z_]+)\)/g)) {
    text += line.slice(last, it.index);
    marks.push([text.length, text.length + (it[1] ?? '').length, it[2] ?? '']);
    text += it[1];
    last = it.index + it[0].length;
  }
  return { text: text + line.slice(last), marks };
}
