// Shortcuts: single keys and "g t" pairs outside of fields, Alt combinations everywhere.
import { onBeforeUnmount, onMounted } from 'vue';

type Keys = Record<string, (event: KeyboardEvent) => void>;

let prefix = '';
let prefixAt = 0;

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

function name(event: KeyboardEvent): string {
  const physical = /^(?:Key|Digit)(\w)$/.exec(event.code); // with Alt some systems type another letter
  const key = event.altKey && physical?.[1] ? physical[1].toLowerCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${key.length === 1 ? key.toLowerCase() : key}`;
}

/** Enter and Space on a control press that control, whatever else they mean on the page. */
function onControl(event: KeyboardEvent): boolean {
  const pressing = event.key === 'Enter' || event.key === ' ';
  return pressing && event.target instanceof Element && event.target.closest('button, a, summary, [role="switch"]') !== null;
}

/** Listens while the component lives. A dialog on top keeps the keys to itself. */
export function useKeys(keys: Keys): void {
  function heard(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented) return;
    const pressed = name(event);
    const plain = !pressed.includes('+') || pressed === '+';
    if (plain && (inField(event.target) || onControl(event) || document.querySelector('.el-overlay:not([style*="display: none"])'))) return;
    const pair = Date.now() - prefixAt < 1200 ? `${prefix} ${pressed}` : '';
    const handler = keys[pair] ?? keys[pressed];
    if (handler) {
      event.preventDefault();
      prefix = '';
      handler(event);
    } else if (plain && pressed === 'g') {
      prefix = 'g';
      prefixAt = Date.now();
    }
  }
  onMounted(() => window.addEventListener('keydown', heard));
  onBeforeUnmount(() => window.removeEventListener('keydown', heard));
}
