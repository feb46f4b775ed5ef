// The script tag: defines the element and, unless the page has placed one itself, adds the floating chat.

import { LianxinChat } from './element';

const NAME = 'lianxin-chat';

function start(script: HTMLScriptElement | null): void {
  if (!customElements.get(NAME)) customElements.define(NAME, LianxinChat);
  if (document.querySelector(NAME)) return;
  const chat = document.createElement(NAME);
  const { language, host, heading, theme, open } = script?.dataset ?? {};
  const from = script?.src ? new URL(script.src).origin : location.origin;
  chat.setAttribute('host', host ?? from);
  for (const [name, value] of Object.entries({ language, heading, theme, open })) {
    if (value !== undefined) chat.setAttribute(name, value);
  }
  document.body.append(chat);
}

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => start(script));
else start(script);
