// Keeps the chat connected: reconnects with full jitter, falls back to polling, wakes when the network returns.

import type { Incoming, Outgoing } from './protocol';
import { PollTransport, SocketTransport, type Transport } from './transport';

export type Status = 'idle' | 'connecting' | 'online' | 'offline';

export interface Owner {
  hello(): Outgoing & { type: 'hello' };
  frame(frame: Incoming): void;
  status(status: Status): void;
}

const FIRST = 1_000;
const LONGEST = 30_000;
const SOCKET_TRIES = 3; // never opened that often: something between us blocks sockets

export class Connection {
  private transport: Transport | null = null;
  private attempt = 0;
  private timer = 0;
  private sockets = 0;
  private wanted = false;
  private readonly wake = () => this.hurry();

  constructor(
    private readonly host: string,
    private readonly owner: Owner,
  ) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    window.addEventListener('online', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    window.removeEventListener('online', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    this.transport?.close();
    this.transport = null;
    this.owner.status('idle');
  }

  send(frame: Outgoing): void {
    this.transport?.send(frame);
  }

  private connect(): void {
    this.owner.status('connecting');
    const listener = {
      frame: (frame: Incoming) => {
        if (frame.type === 'welcome') {
          this.attempt = 0;
          if (this.sockets < SOCKET_TRIES) this.sockets = -Infinity; // sockets work here
          this.owner.status('online');
        }
        this.owner.frame(frame);
      },
      closed: () => this.later(),
    };
    const polling = this.sockets >= SOCKET_TRIES;
    this.sockets += 1;
    const hello = this.owner.hello();
    this.transport = polling
      ? new PollTransport(this.host, hello, listener)
      : new SocketTransport(this.host, hello, listener);
  }

  private later(): void {
    this.transport = null;
    if (!this.wanted) return;
    this.owner.status('offline');
    this.attempt += 1;
    const most = Math.min(LONGEST, FIRST * 2 ** this.attempt);
    this.timer = window.setTimeout(() => this.connect(), FIRST + Math.random() * (most - FIRST));
  }

  /** The network or the citizen is back: do not wait for the timer. */
  private hurry(): void {
    if (!this.wanted || this.transport || document.visibilityState === 'hidden') return;
    clearTimeout(this.timer);
    this.connect();
  }
}
