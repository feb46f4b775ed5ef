// What stands above the conversation: title, wishes, menu, emergency numbers; and the note on privacy.

import { h, icon } from './dom';
import type { Translated } from './translated';

export interface HeaderActions {
  large(): void;
  language(): void;
  close: (() => void) | null;
  privacy(): void;
  forget(): void;
}

const NUMBERS = ['110', '119', '120', '122'];

export class Header {
  readonly element: HTMLElement;
  private readonly menu: HTMLElement;
  private readonly more: HTMLButtonElement;

  constructor(translated: Translated, heading: string | null, isLarge: () => boolean, actions: HeaderActions) {
    const round = { type: 'button', class: 'round' };
    const large = h('button', { type: 'button', class: 'chip', on: { click: actions.large } }, translated.word('large'));
    const language = h('button', { type: 'button', class: 'chip', on: { click: actions.language } });
    language.append(translated.word('switchLanguage'));
    this.more = h('button', { ...round, 'aria-expanded': 'false', on: { click: () => this.toggle() } }, icon('more'));
    const close = h('button', { ...round, on: { click: () => actions.close?.() } }, icon('close'));
    close.hidden = !actions.close;
    translated.also((say, now) => {
      large.setAttribute('aria-pressed', String(isLarge()));
      large.title = isLarge() ? say.largeOn : say.largeOff;
      language.setAttribute('aria-label', say.switchLabel);
      language.lang = now === 'zh' ? 'en' : 'zh-CN';
      this.more.setAttribute('aria-label', say.menu);
      close.setAttribute('aria-label', say.close);
    });
    const item = (name: 'privacy' | 'forget') =>
      h('button', { type: 'button', role: 'menuitem', on: { click: () => this.chosen(actions[name]) } }, translated.word(name));
    this.menu = h('div', { class: 'menu', role: 'menu', hidden: true }, item('privacy'), item('forget'));
    this.element = h(
      'header',
      {},
      h('div', { class: 'emblem' }, icon('heart')),
      h('div', { class: 'titles' }, h('h1', {}, heading ?? translated.word('title')), h('p', {}, translated.word('subtitle'))),
      h('div', { class: 'actions' }, large, language, this.more, close),
      this.menu,
    );
  }

  get open(): boolean {
    return !this.menu.hidden;
  }

  toggle(open = !this.open): void {
    const inside = this.menu.contains((this.menu.getRootNode() as ShadowRoot).activeElement);
    this.menu.hidden = !open;
    this.more.setAttribute('aria-expanded', String(open));
    if (open) this.menu.querySelector('button')?.focus();
    else if (inside) this.more.focus();
  }

  private chosen(act: () => void): void {
    this.toggle(false);
    act();
  }
}

export function emergency(translated: Translated): HTMLElement {
  const numbers = NUMBERS.map((number) => h('a', { href: `tel:${number}` }, number));
  return h('div', { class: 'emergency' }, translated.word('emergency'), h('span', { class: 'numbers' }, ...numbers));
}

export function privacyCard(translated: Translated, agree: () => void): HTMLElement {
  const ok = h('button', { type: 'button', class: 'primary', on: { click: agree } }, translated.word('privacyOk'));
  const [title, text] = [translated.word('privacyTitle'), translated.word('privacyText')];
  return h('div', { class: 'card' }, h('h2', {}, title), h('p', {}, text), ok);
}
