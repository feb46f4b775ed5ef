// Answers of the API around one conversation, as bot/console/{notes,limits,alike,advice,emergency}.py give them.
import type { ConversationRow, Line, Note } from './conversations';
import type { TicketRow } from './tickets';
import type { Titled } from './types';

export interface Limit {
  id: number;
  conversation: number;
  who: string;
  what: 'mute' | 'slow' | 'block';
  hours: number;
  reason: string;
  status: 'asked' | 'active' | 'refused' | 'lifted';
  asked_by: number;
  asker: string;
  decider: string;
  until: string | null;
  at: string;
  held: number;
}
export interface Notices {
  mentions: Note[];
  wishes: Limit[];
  limits: Limit[];
}
export interface Around {
  conversations: ConversationRow[];
  tickets: TicketRow[];
  alike: { ticket: TicketRow; score: number; why: ('place' | 'service' | 'words')[] }[];
}
export interface Earlier {
  row: ConversationRow;
  lines: Line[];
}
export interface Advice {
  seq: number;
  proposed: string;
  would: string[];
  articles: { id: string; question: string; answer: string; source: string; links: string[]; score: number }[];
  calm: string[];
}
export interface Emergency {
  handover: number;
  open: boolean;
  since: string;
  classes: Titled[];
  advice: Titled[];
  numbers: { number: string; zh: string; en: string; by: string; at: string | null }[];
  place: { text: string; area: string; latitude: number | null; longitude: number | null } | null;
  steps: { id: string; zh: string; en: string; ask: boolean; done: boolean; by: string; at: string | null }[];
  log: { at: string; verb: string; who: string; step: string; text: string }[];
}
export interface Colleague {
  id: number;
  name: string;
  role: string;
  presence: string;
  load: number;
  capacity: number;
  groups: number[];
}
export interface Group {
  id: number;
  name: string;
}
