// A phone on the page: a frame, the conversation in it, a line to write in. WeChat and SMS differ in their skin.

import { h } from '../../widget/src/dom';
import { rich } from '../../widget/src/text';
import type { Happened, Option, Wire } from './server';

export interface Skin {
  name: string;
  label: string;
  title: HTMLElement | string;
  placeholder: string;
  below?: HTMLElement;
}

export class Phone {
  readonly element: HTMLElement;
  protected readonly log: HTMLElement;
  protected readonly input: HTMLInputElement;
  protected readonly tools: HTMLElement;
  private readonly title: HTMLElement;
  private readonly bubbles = new Map<number, HTMLElement>();

  constructor(
    readonly skin: Skin,
    private readonly send: (text: string) => void,
    private readonly choose: (option: Option) => void,
    private readonly image: (event: Happened) => string | null,
  ) {
    this.log = h('div', { class: 'talk', role: 'log', tabindex: 0, 'aria-label': `${skin.label}对话` });
    this.input = h('input', { type: 'text', placeholder: skin.placeholder, 'aria-label': `${skin.label}：${skin.placeholder}`, maxlength: 1000, autocomplete: 'off' });
    this.tools = h('div', { class: 'tools' });
    this.title = h('div', { class: 'title' }, skin.title);
    const form = h('form', { class: 'write' }, this.tools, this.input, h('button', { type: 'submit' }, '发送'));
    form.addEventListener('submit', (event) => this.submit(event));
    this.element = frame(skin, this.title, skin.below ?? null, this.log, form);
  }

  clear(): void {
    this.bubbles.clear();
    this.log.replaceChildren();
  }

  heard(event: Happened): void {
    if (event.typing !== undefined) {
      this.title.classList.toggle('typing', event.typing);
      return;
    }
    if (event.about !== undefined) this.learn(event.about, event.wire ?? {});
    else this.add(event);
  }

  private add(event: Happened): void {
    this.log.querySelectorAll('.options').forEach((options) => options.remove());
    const picture = this.image(event);
    const bubble = h(
      'div',
      { class: 'bubble' },
      picture && h('img', { src: picture, alt: '照片' }),
      event.image && !picture && '[照片]',
      ...rich(event.text, event.author === 'bot'),
      event.choices?.length ? this.options(event.choices) : null,
    );
    const row = h('div', { class: `said ${event.author}` }, bubble, h('div', { class: 'wire' }));
    this.bubbles.set(event.id, row);
    this.log.append(row);
    if (event.wire) this.learn(event.id, event.wire);
    this.log.scrollTop = this.log.scrollHeight;
  }

  private options(options: Option[]): HTMLElement {
    const button = (option: Option) =>
      h('button', { type: 'button', on: { click: () => this.choose(option) } }, option.label);
    return h('div', { class: 'options' }, ...options.map(button));
  }

  private learn(id: number, wire: Wire): void {
    const place = this.bubbles.get(id)?.querySelector('.wire');
    if (!place) return;
    const facts = Object.entries(wire).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]);
    const bad = Object.values(wire).some((value) => /被拒绝|没有应答|未被接收|HTTP/.test(value));
    const open = place.querySelector('details')?.open ?? false;
    const summary = h('summary', {}, bad ? '传输有误' : '怎么送达的');
    const details = h('details', { class: bad ? 'bad' : '', open }, summary, h('dl', {}, ...facts));
    details.addEventListener('toggle', () => details.open && details.scrollIntoView({ block: 'nearest' }));
    place.replaceChildren(details);
  }

  /** As if it had been typed here. */
  say(text: string): void {
    this.send(text);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = '';
    this.send(text);
  }
}

export function frame(skin: Skin, title: HTMLElement, ...parts: (HTMLElement | null)[]): HTMLElement {
  const now = new Date();
  const time = `${now.getHours()}:${String(now.getMinutes()).padStart(2, '0')}`;
  const status = h('div', { class: 'status', 'aria-hidden': 'true' }, h('span', {}, time), h('i'), h('span', { class: 'battery' }));
  const caption = h('h2', { class: 'caption', id: `caption-${skin.name}` }, skin.label);
  const screen = h('div', { class: 'screen' }, status, title, ...parts);
  const attributes = { class: `phone ${skin.name}`, id: `phone-${skin.name}`, 'aria-labelledby': `caption-${skin.name}` };
  return h('article', attributes, caption, h('div', { class: 'case' }, screen));
}
