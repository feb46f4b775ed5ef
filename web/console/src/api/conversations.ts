// The answers of the API about conversations, as bot/console/talk_views.py and its neighbours give them.
import type { Limit } from './talk';
import type { Detail, TicketRow } from './tickets';
import type { Titled, Urgency } from './types';

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
