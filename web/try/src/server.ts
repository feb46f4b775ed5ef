// What the page asks of its backend.

import { uuid } from '../../widget/src/protocol';

export type PhoneName = 'wechat' | 'sms';
export type Provider = 'twilio' | 'aliyun' | 'tencent';
export type Wire = Record<string, string>;

export interface Option {
  id: string;
  label: string;
}

export interface Happened {
  id: number;
  phone: PhoneName;
  author: 'citizen' | 'bot' | 'system';
  text: string;
  at: string;
  wire?: Wire;
  choices?: Option[];
  provider?: Provider;
  image?: boolean;
  media?: string;
  typing?: boolean;
  /** Not a message: more is known of an earlier one. */
  about?: number;
}

export type Said =
  | { text: string }
  | { choice: Option }
  | { image: string }
  | { event: 'subscribe' }
  | { provider: Provider; text: string };

const KEY = 'lianxin:try';

export class Server {
  session = stored();

  /** False when it could not be handed over. */
  async say(phone: PhoneName, said: Said): Promise<boolean> {
    try {
      const body = JSON.stringify({ session: this.session, ...said });
      const headers = { 'Content-Type': 'application/json' };
      return (await fetch(`/try/api/${phone}`, { method: 'POST', headers, body })).ok;
    } catch {
      return false;
    }
  }

  listen(heard: (event: Happened) => void): () => void {
    const source = new EventSource(`/try/api/events?session=${this.session}`);
    source.onmessage = (message: MessageEvent<string>) => heard(JSON.parse(message.data) as Happened);
    return () => source.close();
  }

  renew(): void {
    this.session = fresh();
  }

  async health(): Promise<Record<string, boolean>> {
    try {
      const answer = await fetch('/health/ready', { cache: 'no-store' });
      const parts = (await answer.json()) as Record<string, unknown>;
      return { 应用: true, 数据库: parts.database === 'ok', 语言模型: parts.nlu === 'ok' };
    } catch {
      return { 应用: false, 数据库: false, 语言模型: false };
    }
  }

  async logins(): Promise<Login[]> {
    try {
      const answer = await fetch('/api/front');
      return ((await answer.json()) as { demo: Login[] }).demo;
    } catch {
      return [];
    }
  }
}

export interface Login {
  login: string;
  name: string;
  role: string;
  password: string;
}

function stored(): string {
  try {
    return localStorage.getItem(KEY) ?? fresh();
  } catch {
    return fresh();
  }
}

function fresh(): string {
  const session = uuid();
  try {
    localStorage.setItem(KEY, session);
  } catch {
    // no memory: a reload starts anew
  }
  return session;
}
