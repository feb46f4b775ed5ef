// What the live feed says.
import type { ConversationRow, Line, Note } from './conversations';
import type { Person } from './people';
import type { TicketRow } from './tickets';

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
