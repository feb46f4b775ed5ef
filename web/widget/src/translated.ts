// Words on the screen that change with the language.

import { h } from './dom';
import type { Language } from './protocol';
import { words, type Words } from './words';

type Plain = { [K in keyof Words]: Words[K] extends string ? K : never }[keyof Words];

export class Translated {
  private readonly redraws: ((say: Words, language: Language) => void)[] = [];

  word(name: Plain): HTMLElement {
    const span = h('span');
    this.also((say) => (span.textContent = say[name]));
    return span;
  }

  /** Called with the words whenever the panel is drawn. */
  also(redraw: (say: Words, language: Language) => void): void {
    this.redraws.push(redraw);
  }

  draw(language: Language): void {
    for (const redraw of this.redraws) redraw(words[language], language);
  }
}
