// What a person chose for this screen. Kept in this browser only.
import { reactive, watch } from 'vue';

export interface Prefs {
  theme: 'auto' | 'light' | 'dark';
  large: boolean;
  sound: boolean;
  enterSends: boolean;
}

const KEY = 'lianxin.console.prefs';
const first: Prefs = { theme: 'auto', large: false, sound: true, enterSends: true };

function kept(): Partial<Prefs> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>;
  } catch {
    return {};
  }
}

export const prefs = reactive<Prefs>({ ...first, ...kept() });
const system = window.matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const dark = prefs.theme === 'dark' || (prefs.theme === 'auto' && system.matches);
  document.documentElement.classList.toggle('dark', dark);
  document.documentElement.classList.toggle('large', prefs.large);
}

watch(
  prefs,
  (now) => {
    localStorage.setItem(KEY, JSON.stringify(now));
    apply();
  },
  { deep: true },
);
system.addEventListener('change', apply);
apply();
