// Times in the city's zone, names in the reader's language, and the clock that waiting times tick by.
import { onScopeDispose, ref, type Ref } from 'vue';

import type { Understood } from './api/conversations';
import type { Titled } from './api/types';
import { language } from './i18n';
import { serverNow } from './state/clock';
import { session } from './state/session';

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name}|${language.value}|${session.timezone.value}`;
  let found = cache.get(key);
  if (!found) {
    const locale = language.value === 'zh' ? 'zh-CN' : 'en-GB';
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: session.timezone.value, hourCycle: 'h23' });
    cache.set(key, found);
  }
  return found;
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const DAY: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', weekday: 'short' };
const FULL: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', ...CLOCK };
const SHORT: Intl.DateTimeFormatOptions = { month: '2-digit', day: '2-digit', ...CLOCK };

export const clock = (at: string): string => formatter('clock', CLOCK).format(new Date(at));
export const day = (at: string): string => formatter('day', DAY).format(new Date(at));
export const full = (at: string): string => formatter('full', FULL).format(new Date(at));

export const short = (at: string): string => formatter('short', SHORT).format(new Date(at));

/** The time today, day and time otherwise. */
export function brief(at: string): string {
  return day(at) === day(new Date().toISOString()) ? clock(at) : short(at);
}

export function lasted(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const named = (thing: Titled | null | undefined): string =>
  thing ? (language.value === 'zh' ? thing.zh : thing.en) : '';

/** The server's refusals say both languages, parted by " · ". */
export function mine(message: string): string {
  const [zh, ...en] = message.split(' · ');
  return en.length ? (language.value === 'zh' ? (zh ?? '') : en.join(' · ')) : message;
}

export const percent = (value: number): string => `${Math.round(value * 100)}%`;

export function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export function useNow(every = 1000): Ref<number> {
  const now = ref(serverNow());
  const timer = window.setInterval(() => (now.value = serverNow()), every);
  onScopeDispose(() => window.clearInterval(timer));
  return now;
}

/** Midnight of a picked day, in the city's zone, as an instant. */
export function midnight(ymd: string, plusDays = 0): string {
  const [y = 1970, m = 1, d = 1] = ymd.split('-').map(Number);
  const guess = Date.UTC(y, m - 1, d + plusDays);
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: session.timezone.value, timeZoneName: 'longOffset' })
    .formatToParts(guess)
    .find((part) => part.type === 'timeZoneName');
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(parts?.value ?? '');
  const offset = match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0;
  return new Date(guess - offset * 60_000).toISOString();
}

/** The services worth showing: of "转人工" the model thinks every one unlikely, and so should nobody read a list. */
export function guesses(heard: Understood | null | undefined): Understood['services'] {
  return heard?.services.filter((one) => one.confidence >= 0.03) ?? [];
}
