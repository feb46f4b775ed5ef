// The frames of docs/web-chat.md, as the page sees them.

export type Language = 'zh' | 'en';
export type Author = 'citizen' | 'bot' | 'operator' | 'system';

export interface Choice {
  label: string;
  payload: string;
}

export interface Media {
  kind: 'image' | 'voice' | 'video' | 'file';
  id: string;
  mime: string;
  name: string;
}

export interface Line {
  type: 'line';
  seq: number;
  author: Author;
  text: string;
  at: string;
  client_id: string;
  choices: Choice[];
  media: Media[];
  name: string;
  notice: string;
}

export interface Presence {
  type: 'presence';
  typing: boolean;
  person: string;
  queue: number;
}

export interface Place {
  latitude: number;
  longitude: number;
  label: string;
}

export type Incoming =
  | Line
  | Presence
  | { type: 'welcome'; token: string; seq: number; language: Language; resumed: boolean }
  | { type: 'accepted'; id: string }
  | { type: 'rejected'; id: string; error: string; field?: string }
  | { type: 'slow_down'; seconds: number; id?: string }
  | { type: 'error'; code: string; field?: string; message?: string }
  | { type: 'pong' };

export interface Message {
  type: 'message';
  id: string;
  text: string;
  choice?: string;
  attachments?: string[];
  location?: Place;
}

export type Outgoing =
  | { type: 'hello'; token: string | null; last_seq: number; language: Language }
  | Message
  | { type: 'typing' }
  | { type: 'ack'; seq: number }
  | { type: 'ping' };

/** What an upload returns: `attachment` is what a message carries, `id` is where the file can be fetched. */
export interface Upload extends Media {
  attachment: string;
}

export const MAX_TEXT = 5000;

/** A random UUID; crypto.randomUUID is missing on plain-http pages and older phones. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
