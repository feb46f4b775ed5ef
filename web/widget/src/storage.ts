// What stays on the citizen's device: the token, unsent messages and a few wishes. Never the conversation itself:
// many share a phone or sit at a public computer.

import type { Language, Message, Upload } from './protocol';

export interface Pending {
  message: Message;
  at: number;
  files: Upload[];
  failed?: string;
}

export interface Kept {
  token: string | null;
  acked: number;
  outbox: Pending[];
  language: Language | null;
  large: boolean;
  privacy: boolean;
}

const EMPTY: Kept = { token: null, acked: 0, outbox: [], language: null, large: false, privacy: false };
const MAX_OUTBOX = 30;

/** localStorage may be full, forbidden or scribbled over by the page; then the chat works without a memory. */
export class Storage {
  private readonly key: string;
  private kept: Kept;

  constructor(host: string) {
    this.key = `lianxin:${host}`;
    this.kept = { ...EMPTY, ...this.read() };
    if (!Array.isArray(this.kept.outbox)) this.kept.outbox = [];
  }

  get value(): Readonly<Kept> {
    return this.kept;
  }

  set(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    this.kept.outbox = this.kept.outbox.slice(-MAX_OUTBOX);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // full or forbidden: memory only
    }
  }

  /** Forget the conversation, keep the wishes. */
  forget(): void {
    this.set({ token: null, acked: 0, outbox: [] });
  }

  private read(): Partial<Kept> {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(this.key) ?? '{}');
      return typeof value === 'object' && value !== null ? value : {};
    } catch {
      return {};
    }
  }
}
