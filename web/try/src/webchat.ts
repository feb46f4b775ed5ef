// The third phone runs the real widget; below it, the frames that it exchanged.

import { h } from '../../widget/src/dom';
import { frame } from './phone';

interface Chat extends HTMLElement {
  say(text: string): void;
  restart(): void;
}

interface Traced {
  direction: 'in' | 'out';
  frame: { type: string; text?: string; seq?: number; id?: string };
}

const KEPT = 12;

export class WebPhone {
  readonly element: HTMLElement;
  private readonly chat: Chat;
  private readonly frames = h('ol');

  constructor() {
    this.chat = document.createElement('lianxin-chat') as Chat;
    this.chat.setAttribute('mode', 'box');
    this.chat.setAttribute('trace', '');
    this.chat.setAttribute('theme', 'light');
    this.chat.addEventListener('frame', (event) => this.traced((event as CustomEvent<Traced>).detail));
    const journey = h('details', { class: 'frames' }, h('summary', {}, '怎么送达的：WebSocket 帧'), this.frames);
    const skin = { name: 'web', label: '网页聊天', title: '', placeholder: '' };
    this.element = frame(skin, h('div', { class: 'address', 'aria-hidden': 'true' }, location.host), this.chat, journey);
  }

  say(text: string): void {
    this.chat.say(text);
  }

  restart(): void {
    this.chat.restart();
    this.frames.replaceChildren();
  }

  private traced({ direction, frame }: Traced): void {
    const { type, text, seq, id } = frame;
    const facts = [type, seq !== undefined ? `seq ${seq}` : '', id ? id.slice(0, 8) : '', text ? `“${text.slice(0, 12)}…”` : ''];
    const arrow = direction === 'out' ? '→ ' : '← ';
    this.frames.prepend(h('li', { class: direction }, arrow + facts.filter(Boolean).join(' · ')));
    while (this.frames.children.length > KEPT) this.frames.lastElementChild?.remove();
  }
}
