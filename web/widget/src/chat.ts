// The conversation as the page knows it. No DOM here: the view draws what this holds whenever it says so.

import { Connection, type Status } from './connection';
import { uuid, type Choice, type Incoming, type Language, type Line, type Message } from './protocol';
import type { Outgoing, Place, Presence, Upload } from './protocol';
import type { Pending, Storage } from './storage';

const QUIET: Presence = { type: 'presence', typing: false, person: '', queue: 0 };
const TYPING_SHOWN = 8_000;
const TYPING_EVERY = 2_500;
const ACK_AFTER = 1_200; // one for all the sentences of a turn

export class Chat {
  readonly lines: Line[] = [];
  presence = QUIET;
  status: Status = 'idle';
  /** The history has arrived; what comes now is news. */
  settled = false;
  /** An answer to the newest message is being worked on. */
  thinking = false;
  visible = false;

  private readonly connection: Connection;
  private welcomed = false;
  private thinkingTimer = 0;
  private typingTimer = 0;
  private settleTimer = 0;
  private pause = 0;
  private ackTimer = 0;
  private lastTyping = 0;

  constructor(
    readonly host: string,
    readonly storage: Storage,
    private language: Language,
    private readonly changed: (news: Line | null) => void,
    private readonly traced: (direction: 'in' | 'out', frame: Incoming | Outgoing) => void = () => undefined,
  ) {
    this.connection = new Connection(host, {
      hello: () => this.hello(),
      frame: (frame) => this.heard(frame),
      status: (status) => this.moved(status),
    });
  }

  get outbox(): readonly Pending[] {
    return this.storage.value.outbox;
  }

  get token(): string | null {
    return this.storage.value.token;
  }

  get last(): Line | undefined {
    return this.lines[this.lines.length - 1];
  }

  get lastSeq(): number {
    return this.last?.seq ?? 0;
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
    for (const timer of [this.thinkingTimer, this.typingTimer, this.settleTimer, this.ackTimer, this.pause]) clearTimeout(timer);
    this.pause = 0;
  }

  /** A new chat, and nothing of the old one left on this device. */
  forget(): void {
    this.stop();
    this.storage.forget();
    this.lines.length = 0;
    this.presence = QUIET;
    this.settled = false;
    this.start();
    this.changed(null);
  }

  speak(language: Language): void {
    this.language = language;
    this.connection.stop();
    this.connection.start();
  }

  say(text: string, more: { choice?: Choice; files?: Upload[]; location?: Place } = {}): void {
    const message: Message = { type: 'message', id: uuid(), text: text.trim() };
    if (more.choice) message.choice = more.choice.payload;
    if (more.location) message.location = more.location;
    if (more.files?.length) message.attachments = more.files.map((file) => file.attachment);
    const pending = { message, at: Date.now(), files: more.files ?? [] };
    this.storage.set({ outbox: [...this.outbox, pending] });
    this.changed(null);
    if (!this.pause) this.post(pending);
  }

  retry(id: string): void {
    this.mark(id, undefined);
    const pending = this.outbox.find((item) => item.message.id === id);
    if (pending) this.post(pending);
  }

  drop(id: string): void {
    this.storage.set({ outbox: this.outbox.filter((item) => item.message.id !== id) });
    this.changed(null);
  }

  typing(): void {
    if (Date.now() - this.lastTyping < TYPING_EVERY) return;
    this.lastTyping = Date.now();
    this.send({ type: 'typing' });
  }

  /** The citizen sees the lines now: say so, once. */
  seen(): void {
    if (!this.welcomed || !this.visible || document.visibilityState === 'hidden') return;
    if (!this.unseen) return;
    this.storage.set({ acked: this.lastSeq });
    clearTimeout(this.ackTimer);
    this.ackTimer = window.setTimeout(() => this.send({ type: 'ack', seq: this.lastSeq }), ACK_AFTER);
  }

  get unseen(): number {
    return this.lines.filter((line) => line.author !== 'citizen' && line.seq > this.storage.value.acked).length;
  }

  private hello(): Outgoing & { type: 'hello' } {
    return { type: 'hello', token: this.token, last_seq: this.lastSeq, language: this.language };
  }

  private send(frame: Outgoing): void {
    if (!this.welcomed) return;
    this.traced('out', frame);
    this.connection.send(frame);
  }

  private post(pending: Pending): void {
    if (!pending.failed) this.send(pending.message);
  }

  private flush(): void {
    this.pause = 0;
    for (const pending of this.outbox) this.post(pending);
  }

  private moved(status: Status): void {
    this.status = status;
    if (status !== 'online') {
      this.welcomed = false;
      this.thinking = false;
    }
    this.changed(null);
  }

  private heard(frame: Incoming): void {
    this.traced('in', frame);
    switch (frame.type) {
      case 'welcome':
        this.welcome(frame.token, frame.resumed);
        break;
      case 'line':
        this.line(frame);
        return;
      case 'presence':
        this.present(frame);
        break;
      case 'accepted':
        this.think(this.outbox.some((item) => item.message.id === frame.id) || this.last?.client_id === frame.id);
        break;
      case 'rejected':
        this.mark(frame.id, frame.error);
        break;
      case 'slow_down':
        clearTimeout(this.pause);
        this.pause = window.setTimeout(() => this.flush(), frame.seconds * 1000 + 200);
        break;
    }
    this.changed(null);
  }

  private welcome(token: string, resumed: boolean): void {
    if (!resumed) {
      this.lines.length = 0;
      this.storage.set({ acked: 0 });
    }
    this.storage.set({ token });
    this.presence = QUIET;
    this.welcomed = true;
    this.settle();
    this.flush();
    this.seen();
  }

  private settle(): void {
    clearTimeout(this.settleTimer);
    this.settleTimer = window.setTimeout(() => {
      this.settled = true;
      this.changed(null);
    }, 400);
  }

  private line(line: Line): void {
    if (line.seq <= this.lastSeq) return; // replayed twice
    this.lines.push(line);
    if (!this.settled) this.settle();
    if (line.author === 'citizen') this.drop(line.client_id);
    else {
      this.think(false);
      this.presence = { ...this.presence, typing: false };
    }
    this.changed(line);
    this.seen();
  }

  private present(frame: Presence): void {
    this.presence = frame;
    clearTimeout(this.typingTimer);
    if (frame.typing) {
      this.typingTimer = window.setTimeout(() => {
        this.presence = { ...this.presence, typing: false };
        this.changed(null);
      }, TYPING_SHOWN);
    }
  }

  private think(thinking: boolean): void {
    clearTimeout(this.thinkingTimer);
    this.thinking = thinking && !this.presence.person;
    if (this.thinking) this.thinkingTimer = window.setTimeout(() => this.stopThinking(), TYPING_SHOWN);
  }

  private stopThinking(): void {
    this.thinking = false;
    this.changed(null);
  }

  private mark(id: string, failed: string | undefined): void {
    const outbox = this.outbox.map((item) => (item.message.id === id ? { ...item, failed } : item));
    this.storage.set({ outbox });
    this.changed(null);
  }
}
