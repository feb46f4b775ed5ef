// The answers of the API about tickets and what they are made of, as bot/console/ticket_views.py gives them.
import type { Titled, Urgency } from './types';

export interface Detail {
  name: string;
  value: string;
  hidden: boolean;
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
