// Words into nodes: addresses and the numbers one may need to call become links, everything else stays text.

import { h } from './dom';

const LINK = /https?:\/\/[^\s<>"'，。；：！？、（）【】《》“”]+|\d{3,}(?=([^\d]|$))/g;
const EMERGENCY = new Set(['110', '119', '120', '122']);
const LINE = /^(12\d{3}|9\d{4})$/; // public service lines, where the sentence says to call
const CALL = /(拨打|打|拨|call|dial)\s*$/i;
const COUNTED = /^\s*(元|块|号|天|日|个|栋|楼|层|室|米|平|岁|人|万|分|路|弄|单元|公里|多|余|%|％|[.．]\d)/;

/** `calls`: whether numbers may become telephone links; in a citizen's own words they are just numbers. */
export function rich(text: string, calls: boolean): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const [found] = match;
    const start = match.index ?? 0;
    const link = found.startsWith('http') ? address(found) : calls && phone(text, found, start);
    if (!link) continue;
    parts.push(text.slice(from, start), link);
    from = start + found.length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== '');
}

function address(found: string): HTMLElement | false {
  try {
    const url = new URL(found);
    return h('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, found);
  } catch {
    return false;
  }
}

function phone(text: string, found: string, start: number): HTMLElement | false {
  const before = text[start - 1] ?? '';
  const after = text.slice(start + found.length);
  const meant = EMERGENCY.has(found) || (LINE.test(found) && CALL.test(text.slice(0, start)));
  if (!meant || /[\w.-]/.test(before) || COUNTED.test(after)) return false;
  return h('a', { href: `tel:${found}`, class: 'call' }, found);
}
