// A small question over the chat, with the rest out of reach until it is answered.

import { h, trap } from './dom';

export interface Sheet {
  title: string;
  text: string;
  ok: string;
  cancel: string;
}

/** True when confirmed. Esc and a press beside the sheet mean no. */
export function ask(root: HTMLElement, { title, text, ok, cancel }: Sheet): Promise<boolean> {
  return new Promise((done) => {
    const confirm = h('button', { type: 'button', class: 'primary' }, ok);
    const refuse = h('button', { type: 'button', class: 'plain' }, cancel);
    const box = h(
      'div',
      { class: 'sheet', role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': 'st', 'aria-describedby': 'sx' },
      h('h2', { id: 'st' }, title),
      h('p', { id: 'sx' }, text),
      h('div', { class: 'buttons' }, cancel ? refuse : null, confirm),
    );
    over(root, box, confirm, done, [
      [confirm, true],
      [refuse, false],
    ]);
  });
}

/** A picture, as large as the panel. */
export function show(root: HTMLElement, url: string, alt: string, close: string): void {
  const button = h('button', { type: 'button', class: 'primary' }, close);
  const box = h(
    'div',
    { class: 'large-photo', role: 'dialog', 'aria-modal': 'true', 'aria-label': alt },
    h('img', { src: url, alt }),
    button,
  );
  over(root, box, button, () => undefined, [[button, false]]);
}

function over(
  root: HTMLElement,
  box: HTMLElement,
  first: HTMLElement,
  done: (answer: boolean) => void,
  buttons: [HTMLElement, boolean][],
): void {
  const before = (root.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
  const veil = h('div', { class: 'veil' }, box);
  const finish = (answer: boolean) => {
    veil.remove();
    before?.focus();
    done(answer);
  };
  for (const [button, answer] of buttons) button.addEventListener('click', () => finish(answer));
  veil.addEventListener('click', (event) => event.target === veil && finish(false));
  veil.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') finish(false);
    else trap(box, event);
  });
  root.append(veil);
  first.focus();
}
