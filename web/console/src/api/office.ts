// The answers of the API about figures, questions, ratings and the audit log.
import type { Titled } from './types';

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
