// The answers of the API, as bot/console/views.py and its neighbours give them.

import type { Limit } from './talk';

export interface Titled {
  id: string;
  zh: string;
  en: string;
}
export type Role = 'operator' | 'reviewer' | 'supervisor' | 'admin' | 'auditor' | 'press';
/** What a role holds and a page needs: bot/roles.py. */
export type Right = 'self' | 'figures' | 'operator' | 'reviewer' | 'supervisor' | 'auditor' | 'admin';
export type Presence = 'online' | 'busy' | 'away' | 'offline';
/** As others see it: `lost` while a console is silent and nothing is given up yet. */
export type Seen = Presence | 'lost';
export type Urgency = 'normal' | 'high' | 'emergency';

export interface Person {
  id: number;
  login: string;
  name: string;
  role: Role;
  language: 'zh' | 'en';
  active: boolean;
  presence: Presence;
  seen_at: string | null;
  created_at: string | null;
}
export interface Me {
  me: Person;
  rights: Right[];
  /** What must be done before anything else. */
  owed: '' | 'password' | 'factor';
  csrf: string;
  city: Titled;
  timezone: string;
  now: string;
}
export interface Front {
  city: Titled;
  demo: { login: string; name: string; role: Role; password: string }[];
}
export interface Factor {
  on: boolean;
  since: string | null;
  obligatory: boolean;
  codes_left: number;
}
export interface FactorOffer {
  secret: string;
  uri: string;
  qr: string;
}
export interface OpenSession {
  key: string;
  agent: string;
  address: string;
  created_at: string;
  seen_at: string;
  current: boolean;
}
export interface Page<T> {
  rows: T[];
  next: string | null;
}
export interface Handover {
  id: number;
  conversation: number;
  status: 'queued' | 'claimed' | 'ended';
  reason: string;
  urgency: Urgency;
  safety: string[];
  note: string;
  queued_at: string;
  claimed_at: string | null;
  first_reply_at: string | null;
  ended_at: string | null;
  ended_how: string;
  operator_id: number | null;
  operator: string;
  waiting_since: string;
  came_back: boolean;
  group_id: number | null;
  wanted_id: number | null;
  offered_id: number | null;
  offered: string;
  offered_until: string | null;
}
export interface ConversationRow {
  id: number;
  channel: string;
  who: string;
  language: string;
  mode: 'bot' | 'queued' | 'seated';
  seq: number;
  last: string;
  last_author: string;
  last_at: string;
  unanswered: boolean;
  service: Titled | null;
  handover: Handover | null;
}
export interface Delivery {
  id: number;
  status: string;
  attempts: number;
  error: string;
  at: string | null;
  template: string;
}
export interface Corrected {
  service: Titled | null;
  kind: string;
  place: string;
  by: string;
  at: string;
}
export interface Note {
  id: number;
  conversation: number;
  kind: 'note' | 'whisper' | 'transfer';
  author: string;
  author_id: number;
  text: string;
  after: number;
  at: string;
  mentions: { id: number; name: string }[];
}
export interface Sending {
  connected: boolean;
  free_text: boolean;
  on_the_web: boolean;
  opted_out: boolean;
  per_inbound: number;
  quota: number | null;
  until: string | null;
}
export interface Doing {
  asked: string;
  questions: number;
  pending: number;
  ticket: string;
  angry: number;
  alarmed: string[];
}
export interface Understood {
  services: (Titled & { confidence: number })[];
  kind: string;
  kind_confidence: number;
  act: string;
  act_title: Titled | null;
  alarms: string[];
  conduct: string[];
  entities: { name: string; value: string; normal: string }[];
  failure: string | null;
  model: string;
}
export interface Media {
  kind: string;
  attachment: string | null;
  name: string;
}
export interface Line {
  seq: number;
  author: 'citizen' | 'bot' | 'operator' | 'system';
  name: string;
  text: string;
  at: string;
  masked: boolean;
  notice: string;
  choices: string[];
  media: Media[];
  location: { latitude: number; longitude: number; label?: string } | null;
  located: boolean;
  delivery: Delivery | null;
  understood: Understood | null;
  corrected: Corrected | null;
  client_id: string;
}
export interface Detail {
  name: string;
  value: string;
  hidden: boolean;
}
export interface Draft {
  service: Titled;
  kind: string;
  text: string;
  details: Detail[];
  attachments: string[];
  anonymous: boolean;
  urgency: Urgency;
  safety: string[];
  missing: string[];
}
export interface TicketRow {
  id: number;
  number: string;
  state: string;
  kind: string;
  service: Titled;
  category: string;
  department: Titled;
  office: string;
  urgency: Urgency;
  source: string;
  area: string;
  summary: string;
  safety: string[];
  anonymous: boolean;
  deadline: string;
  created_at: string;
  updated_at: string;
  version: number;
  conversation: number | null;
}
export interface TicketEvent {
  id: number;
  verb: string;
  actor: string;
  name: string;
  text: string;
  data: Record<string, unknown>;
  at: string;
}
export interface FileInfo {
  id: string;
  kind: string;
  mime: string;
  name: string;
  size: number;
  status: string;
}
export interface Ticket extends TicketRow {
  code: string;
  body: string;
  details: Detail[];
  masked: boolean;
  answer: string;
  stars: number | null;
  solved: boolean | null;
  language: string;
  confidence: number | null;
  filed_by: string;
  phone_known: boolean;
  moves: string[];
  history: TicketEvent[];
  files: FileInfo[];
}
export interface Conversation {
  row: ConversationRow;
  masked: boolean;
  mine: boolean;
  sending: Sending;
  doing: Doing;
  notes: Note[];
  limit: Limit | null;
  emergency: boolean;
  unsent: { text: string; internal: boolean; at: string } | null;
  lines: Line[];
  draft: Draft | null;
  known: Detail[];
  tickets: TicketRow[];
  handovers: Handover[];
}
export interface Service extends Titled {
  about: string;
  category: string;
  department: string;
  kind: string;
  deadline: string;
  details: { name: string; required: boolean }[];
}
export interface Department extends Titled {
  short: string;
  phone: string;
}
export interface State extends Titled {
  moves: string[];
  open: boolean;
}
export interface Danger extends Titled {
  call: string;
  advice_zh: string;
  advice_en: string;
}
export interface Canned {
  id: number;
  title: string;
  body: string;
  shortcut: string;
  purpose: '' | 'calm';
}
export interface DeliveryRow {
  id: number;
  conversation: number;
  channel: string;
  who: string;
  text: string;
  author: string;
  status: string;
  attempts: number;
  error: string;
  due_at: string;
  created_at: string;
}
export interface Stats {
  waiting: number;
  longest_wait: number | null;
  seated: number;
  online: number;
  filed: number;
  open_tickets: number;
  overdue: number;
  messages: number;
  handovers: number;
  first_reply: number | null;
  given_up: number;
  held: number;
  by_service: (Titled & { count: number })[];
  by_hour: number[];
}
export interface UserRow extends Person {
  factor: boolean;
  groups: string[];
}
export interface AskedRow {
  text: string;
  service: Titled | null;
  count: number;
  last_at: string;
  done: boolean;
}
export interface ArticleVotes {
  article: string;
  title: string;
  yes: number;
  no: number;
  last_at: string;
}
export interface RatingRow {
  handover: number;
  conversation: number;
  operator: string;
  stars: number | null;
  words: string;
  at: string;
}
export interface AuditRow {
  id: number;
  verb: string;
  object: string;
  operator: string;
  data: Record<string, unknown>;
  at: string;
}

export interface Skill {
  kind: 'service' | 'category' | 'language' | 'channel';
  value: string;
}
export interface Colleague {
  id: number;
  name: string;
  role: Role;
  presence: Seen;
  load: number;
  capacity: number;
  groups: number[];
  skills: Skill[];
}
export interface TeamSeat extends Colleague {
  login: string;
  offers: boolean;
  since: string | null;
  seen_at: string | null;
  due: boolean | null;
  asked: number | null;
  handled: number;
  conversations: ConversationRow[];
}
export interface Team {
  seats: TeamSeat[];
  waiting: number;
  longest: string | null;
  places: number;
  free: number;
  minutes: number | null;
  on_duty: boolean | null;
  opens: string | null;
  grace: number;
  now: string;
}
export interface Group {
  id: number;
  name: string;
  about: string;
  members: number[];
}
export interface Shift {
  id: number;
  name: string;
  group: number | null;
  operator: number | null;
  weekdays: number[];
  starts: string;
  ends: string;
  holidays: boolean;
}
export interface DutyDay {
  day: string;
  works: boolean;
  name: string;
  set: boolean;
}

export type Frame =
  | { type: 'hello'; operator: number }
  | { type: 'waiting'; row: ConversationRow; before?: number | null; why?: string }
  | { type: 'offered'; conversation: number; operator: number; name: string; until: string; now: string }
  | { type: 'offer_ended'; conversation: number; operator: number; outcome: string }
  | { type: 'roster' }
  | { type: 'claimed'; handover: number; operator: number; row: ConversationRow }
  | { type: 'ended'; handover: number; conversation: number; how: string }
  | { type: 'line'; conversation: number; lines: Line[] }
  | { type: 'typing'; conversation: number }
  | { type: 'note'; conversation: number; note: Note }
  | { type: 'mention'; note: Note }
  | { type: 'limit' | 'emergency'; conversation: number }
  | { type: 'ticket'; ticket: TicketRow }
  | { type: 'presence'; person: Person; why?: string }
  | { type: 'alarm'; row: ConversationRow }
  | { type: 'watching'; conversations: number[] }
  | { type: 'misread' }
  | { type: 'resync' | 'pong' }
  | { type: 'error'; message: string };
