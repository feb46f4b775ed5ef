// The conversation on the screen: bubbles, dates, notices, choices, and what is still on its way.

import type { Chat } from './chat';
import { h, icon } from './dom';
import type { Gallery } from './photos';
import type { Choice, Language, Line, Media } from './protocol';
import type { Pending } from './storage';
import { rich } from './text';
import { clock, day, words } from './words';

const PAUSE = 5 * 60_000; // then the time is shown again

interface Row {
  key: string;
  /** Drawn anew when it changes. */
  state: string;
  draw: () => HTMLElement;
}

export interface LogActions {
  choose(choice: Choice): void;
  enlarge(media: Media): void;
}

export class Log {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly rows = new Map<string, { state: string; element: HTMLElement }>();
  private language: Language = 'zh';

  constructor(
    private readonly chat: Chat,
    private readonly gallery: Gallery,
    private readonly actions: LogActions,
  ) {
    this.list = h('div', { class: 'lines', role: 'log', 'aria-live': 'off', tabindex: 0 });
    this.element = h('div', { class: 'log' }, this.list);
    let stuck = true;
    this.element.addEventListener('scroll', () => (stuck = this.atEnd), { passive: true });
    new ResizeObserver(() => stuck && this.toEnd()).observe(this.element);
  }

  /** Whether the newest words are in sight. */
  get atEnd(): boolean {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 90;
  }

  toEnd(smooth = false): void {
    this.element.scrollTo({ top: this.element.scrollHeight, behavior: smooth ? 'smooth' : 'auto' });
  }

  draw(language: Language, first: HTMLElement | null): void {
    if (language !== this.language) this.rows.clear();
    this.language = language;
    this.list.setAttribute('aria-label', words[language].log);
    this.list.setAttribute('aria-live', this.chat.settled ? 'polite' : 'off');
    const wanted = this.wanted();
    const keys = new Set(wanted.map((row) => row.key));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    const elements = wanted.map((row) => this.row(row));
    if (first) elements.unshift(first);
    for (const child of Array.from(this.list.children)) {
      if (!elements.includes(child as HTMLElement)) child.remove();
    }
    elements.forEach((element, index) => {
      if (this.list.children[index] !== element) this.list.insertBefore(element, this.list.children[index] ?? null);
    });
  }

  private row(row: Row): HTMLElement {
    const known = this.rows.get(row.key);
    if (known?.state === row.state) return known.element;
    const element = row.draw();
    known?.element.remove();
    this.rows.set(row.key, { state: row.state, element });
    return element;
  }

  private wanted(): Row[] {
    const rows: Row[] = [];
    let previous: Date | null = null;
    const { lines, outbox } = this.chat;
    const lastOwn = outbox.length ? null : [...lines].reverse().find((line) => line.author === 'citizen');
    let author = '';
    for (const line of lines) {
      const at = new Date(line.at);
      previous = this.separate(rows, previous, at);
      const head = line.author !== author;
      author = line.author;
      const last = line === this.chat.last && !outbox.length;
      rows.push(this.line(line, at, head, line === lastOwn, last));
    }
    for (const pending of outbox) {
      previous = this.separate(rows, previous, new Date(pending.at));
      rows.push(this.pending(pending));
    }
    if (this.chat.thinking || this.chat.presence.typing) rows.push(this.dots());
    return rows;
  }

  private separate(rows: Row[], previous: Date | null, at: Date): Date {
    if (previous && at.getTime() - previous.getTime() < PAUSE) return at;
    const text = `${day(at, this.language)} ${clock(at)}`;
    const draw = () => h('div', { class: 'date' }, h('time', { datetime: at.toISOString() }, text));
    rows.push({ key: `at ${at.getTime()}`, state: text, draw });
    return at;
  }

  private line(line: Line, at: Date, head: boolean, delivered: boolean, last: boolean): Row {
    const { author } = line;
    const key = line.client_id || `line ${line.seq}`;
    const state = [line.seq, head, delivered, last].join();
    if (author === 'system') {
      const draw = () =>
        h(
          'div',
          { class: `notice ${line.notice}` },
          h('p', {}, ...rich(line.text, true)),
          last && line.choices.length > 0 && this.choices(line.choices),
        );
      return { key, state, draw };
    }
    const status = delivered && h('div', { class: 'status' }, icon('tick'), words[this.language].sent);
    const draw = () =>
      this.bubble(author, line.name, head, at, [
        ...line.media.map((media) => this.media(media)),
        this.text(line.text, line.media.length > 0, author !== 'citizen'),
        last && line.choices.length > 0 && this.choices(line.choices),
        status,
      ]);
    return { key, state, draw };
  }

  private pending(pending: Pending): Row {
    const { message, failed } = pending;
    const say = words[this.language];
    const retry = () => this.chat.retry(message.id);
    const drop = () => this.chat.drop(message.id);
    const status = () =>
      failed
        ? h(
            'div',
            { class: 'status failed' },
            h('span', {}, say.reasons[failed] ?? say.failed),
            h('button', { type: 'button', on: { click: retry } }, say.retry),
            h('button', { type: 'button', on: { click: drop } }, say.drop),
          )
        : h('div', { class: 'status' }, say.waiting);
    const draw = () =>
      this.bubble('citizen', '', true, new Date(pending.at), [
        ...pending.files.map((file) => this.media(file)),
        this.text(message.text, pending.files.length > 0, false),
        status(),
      ]);
    return { key: message.id, state: `pending ${failed ?? ''}`, draw };
  }

  private bubble(
    author: Exclude<Line['author'], 'system'>,
    name: string,
    head: boolean,
    at: Date,
    content: (HTMLElement | false | null)[],
  ): HTMLElement {
    const say = words[this.language];
    const who = author === 'operator' && name ? `${say.operator} ${name}` : say[author === 'citizen' ? 'you' : author];
    const label = h('span', { class: author === 'citizen' || !head ? 'hidden' : 'who' }, who);
    const isStatus = (part: HTMLElement | false | null) =>
      part && (part.classList.contains('status') || part.classList.contains('choices'));
    return h(
      'div',
      { class: `row ${author}${head ? ' head' : ''}` },
      author !== 'citizen' && h('div', { class: 'face' }, head && icon(author === 'bot' ? 'heart' : 'person')),
      h(
        'div',
        { class: 'stack' },
        label,
        h('div', { class: 'bubble', title: clock(at) }, ...content.filter((part) => !isStatus(part))),
        ...content.filter(isStatus),
      ),
    );
  }

  /** A message of neither words nor files is a place. */
  private text(text: string, files: boolean, calls: boolean): HTMLElement | null {
    if (text) return h('p', {}, ...rich(text, calls));
    return files ? null : h('p', { class: 'pin' }, icon('place'), words[this.language].placeSent);
  }

  private choices(choices: Choice[]): HTMLElement {
    const button = (choice: Choice) =>
      h('button', { type: 'button', class: 'choice', on: { click: () => this.actions.choose(choice) } }, choice.label);
    const label = words[this.language].choicesLabel;
    return h('div', { class: 'choices', role: 'group', 'aria-label': label }, ...choices.map(button));
  }

  private media(media: Media): HTMLElement {
    const say = words[this.language];
    if (media.kind === 'image') {
      const image = h('img', { alt: say.photoAlt, decoding: 'async' });
      const click = () => this.actions.enlarge(media);
      const button = h('button', { type: 'button', class: 'photo', 'aria-label': say.openPhoto, on: { click } }, image);
      void this.gallery.url(media.id).then(
        (url) => image.setAttribute('src', url),
        () => button.replaceWith(h('p', { class: 'lost' }, say.photoAlt)),
      );
      image.addEventListener('load', () => this.atEnd && this.toEnd());
      return button;
    }
    const label = media.name || say[media.kind];
    const open = () =>
      void this.gallery.url(media.id).then((href) => h('a', { href, download: media.name || media.kind }).click());
    return h('button', { type: 'button', class: 'file', on: { click: open } }, icon('file'), label);
  }

  private dots(): Row {
    const person = Boolean(this.chat.presence.person);
    const author = person ? 'operator' : 'bot';
    const draw = () => {
      const row = h(
        'div',
        { class: `row head ${author}` },
        h('div', { class: 'face' }, icon(person ? 'person' : 'heart')),
        h('div', { class: 'bubble dots' }, h('i'), h('i'), h('i')),
      );
      row.setAttribute('aria-hidden', 'true'); // screen readers would hear it again and again
      return row;
    };
    return { key: 'dots', state: author, draw };
  }
}
