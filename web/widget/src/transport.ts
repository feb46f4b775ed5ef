// Two ways to carry frames: a WebSocket, and long polling for networks that block it.

import type { Incoming, Outgoing, Presence } from './protocol';

export interface Listener {
  frame(frame: Incoming): void;
  /** `code` is the socket's close code, 0 when it never opened. */
  closed(code: number): void;
}

export interface Transport {
  send(frame: Outgoing): void;
  close(): void;
}

const SILENCE = 25_000; // then we ask whether anybody is there …
const PATIENCE = 10_000; // … and wait this long

export class SocketTransport implements Transport {
  private readonly socket: WebSocket;
  private timer = 0;
  private done = false;

  constructor(
    host: string,
    hello: Outgoing,
    private readonly listener: Listener,
  ) {
    this.socket = new WebSocket(`${host.replace(/^http/, 'ws')}/channels/web/socket`);
    this.socket.onopen = () => this.send(hello);
    this.socket.onmessage = (event: MessageEvent<string>) => {
      this.watch();
      listener.frame(JSON.parse(event.data) as Incoming);
    };
    this.socket.onclose = (event) => this.finish(event.code === 1006 ? 0 : event.code);
    this.timer = window.setTimeout(() => this.finish(0), PATIENCE);
  }

  send(frame: Outgoing): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  close(): void {
    this.done = true;
    clearTimeout(this.timer);
    this.socket.close(1000);
  }

  private watch(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.send({ type: 'ping' });
      this.timer = window.setTimeout(() => this.finish(0), PATIENCE);
    }, SILENCE);
  }

  private finish(code: number): void {
    if (this.done) return;
    this.close();
    this.listener.closed(code);
  }
}

export class PollTransport implements Transport {
  private token: string | null = null;
  private seq = 0;
  private presence: Presence = { type: 'presence', typing: false, person: '', queue: 0 };
  private readonly abort = new AbortController();
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly host: string,
    hello: Outgoing & { type: 'hello' },
    private readonly listener: Listener,
  ) {
    this.seq = hello.last_seq;
    this.send(hello);
    void this.sending.then(() => this.loop());
  }

  /** One after the other, so that messages keep their order. */
  send(frame: Outgoing): void {
    if (frame.type === 'ping') return;
    this.sending = this.sending.then(() => this.ask('POST', '', JSON.stringify({ frames: [frame] })));
  }

  close(): void {
    this.abort.abort();
  }

  private async loop(): Promise<void> {
    while (!this.abort.signal.aborted) {
      const { typing, person, queue } = this.presence;
      const query = new URLSearchParams({ after: `${this.seq}`, typing: `${typing}`, person, queue: `${queue}` });
      await this.ask('GET', `?${query}`);
    }
  }

  private async ask(method: string, query: string, body?: string): Promise<void> {
    if (this.abort.signal.aborted) return;
    try {
      const headers: Record<string, string> = this.token ? { Authorization: `Bearer ${this.token}` } : {};
      if (body) headers['Content-Type'] = 'application/json';
      const url = `${this.host}/channels/web/poll${query}`;
      const answer = await fetch(url, { method, headers, body, signal: this.abort.signal, cache: 'no-store' });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      for (const frame of ((await answer.json()) as { frames: Incoming[] }).frames) this.heard(frame);
    } catch {
      if (this.abort.signal.aborted) return;
      this.close();
      this.listener.closed(0);
    }
  }

  private heard(frame: Incoming): void {
    if (frame.type === 'welcome') {
      this.token = frame.token;
      this.seq = frame.seq;
    }
    if (frame.type === 'line') this.seq = Math.max(this.seq, frame.seq);
    if (frame.type === 'presence') this.presence = frame;
    this.listener.frame(frame);
  }
}
