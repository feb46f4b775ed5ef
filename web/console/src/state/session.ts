// Who is logged in. Everything else waits for it.
import { computed, ref } from 'vue';

import { api, useCsrf, whenLoggedOut } from '../api/http';
import { connect, disconnect } from '../api/live';
import type { Me, Person, Presence, Right } from '../api/people';
import { speak } from '../i18n';
import { setSkew } from './clock';

const me = ref<Me | null>(null);

export const session = {
  me: computed(() => me.value?.me ?? null),
  city: computed(() => me.value?.city ?? null),
  timezone: computed(() => me.value?.timezone ?? 'Asia/Shanghai'),
  owed: computed(() => me.value?.owed ?? ''),
  may: (right: Right): boolean => me.value?.rights.includes(right) ?? false,
};

function admit(given: Me): void {
  me.value = given;
  useCsrf(given.csrf);
  setSkew(given.now);
  speak(given.me.language);
  if (given.rights.includes('operator') && !given.owed) connect();
}

/** Whether the cookie is still good. */
export async function resume(): Promise<boolean> {
  if (me.value) return true;
  try {
    admit(await api.get<Me>('/me'));
    return true;
  } catch {
    return false;
  }
}

/** After what was owed is done: read anew who I am. */
export async function refresh(): Promise<void> {
  admit(await api.get<Me>('/me'));
}

export async function enter(login: string, password: string, code = ''): Promise<void> {
  admit(await api.post<Me>('/login', { login, password, code }));
}

export async function leave(everywhere = false): Promise<void> {
  await api.post(everywhere ? '/logout-everywhere' : '/logout');
  forget();
}

export function forget(): void {
  disconnect();
  me.value = null;
}

export async function setPresence(presence: Presence): Promise<void> {
  const person = await api.post<Person>('/me/presence', { presence });
  if (me.value) me.value = { ...me.value, me: { ...me.value.me, presence: person.presence } };
}

export async function setLanguage(language: 'zh' | 'en'): Promise<void> {
  speak(language);
  await api.patch('/me', { language });
  if (me.value) me.value = { ...me.value, me: { ...me.value.me, language } };
}

/** It may have changed while nobody could tell us. */
export async function refreshPresence(): Promise<void> {
  heardOf((await api.get<Me>('/me')).me);
}

export function heardOf(person: Person): void {
  if (me.value && person.id === me.value.me.id) {
    me.value = { ...me.value, me: { ...me.value.me, presence: person.presence } };
  }
}

export function onLoggedOut(handler: () => void): void {
  whenLoggedOut(() => {
    if (!me.value) return;
    forget();
    handler();
  });
}
