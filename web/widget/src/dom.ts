// Builds elements. Text always becomes a text node: nothing a citizen or a bot says is ever parsed as HTML.

type Child = Node | string | null | undefined | false;
type Handler = (event: Event) => void;

export interface Props {
  class?: string;
  on?: Record<string, Handler>;
  [attribute: string]: string | number | boolean | null | undefined | Record<string, Handler>;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') listen(element, value as Record<string, Handler>);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

function listen(element: HTMLElement, handlers: Record<string, Handler>): void {
  for (const [event, handler] of Object.entries(handlers)) element.addEventListener(event, handler);
}

const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  send: 'M3.4 20.4 21 12 3.4 3.6 3.4 10.2 15 12 3.4 13.8z',
  photo: 'M4 6h3l1.6-2h6.8L17 6h3a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zm8 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 2a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  place: 'M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 9.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z',
  close: 'M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z',
  more: 'M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  heart:
    'M12 2C6.5 2 2 5.9 2 10.7c0 2.7 1.4 5.1 3.7 6.7L5 22l5-2.8c.7.1 1.3.2 2 .2 5.5 0 10-3.9 10-8.7S17.5 2 12 2zm0 13.5-.9-.8C8.3 12.2 7 11 7 9.4 7 8.1 8 7.2 9.3 7.2c.9 0 1.9.5 2.7 1.5.8-1 1.8-1.5 2.7-1.5C16 7.2 17 8.1 17 9.4c0 1.6-1.3 2.8-4.1 5.3z',
  person: 'M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm0 2c-4 0-8 2-8 5v2h16v-2c0-3-4-5-8-5z',
  down: 'M12 16 5 9l1.4-1.4L12 13.2l5.6-5.6L19 9z',
  tick: 'M9.5 17.5 4 12l1.5-1.5 4 4 9-9L20 7z',
  file: 'M6 2h8l5 5v14a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zm7 1.5V8h4.5z',
  sound: 'M4 9v6h4l5 4V5L8 9zm11.5 3a4 4 0 0 0-2-3.5v7a4 4 0 0 0 2-3.5zM13.5 4v2a6 6 0 0 1 0 12v2a8 8 0 0 0 0-16z',
};

export type Icon = keyof typeof PATHS;

export function icon(name: Icon): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

const FOCUSABLE = 'button:not([disabled]), a[href], textarea, input:not([type=file]), [tabindex="0"]';

/** Keeps Tab inside `box`. */
export function trap(box: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== 'Tab') return;
  const stops = Array.from(box.querySelectorAll<HTMLElement>(FOCUSABLE)).filter((stop) => stop.offsetParent);
  const first = stops[0];
  const last = stops[stops.length - 1];
  const root = box.getRootNode() as ShadowRoot;
  if (!first || !last) return;
  const leaving = event.shiftKey ? first : last;
  if (root.activeElement === leaving || !box.contains(root.activeElement)) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}
