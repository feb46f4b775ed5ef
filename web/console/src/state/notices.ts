// What calls for me: notes that mention me, limits that need my word. Kept true by the live feed.
import { computed, ref } from 'vue';

import { api } from '../api/http';
import { onFrame, onOpen } from '../api/live';
import type { Notices } from '../api/talk';
import { t } from '../i18n';
import { ring } from '../sound';

export const notices = ref<Notices>({ mentions: [], wishes: [], limits: [] });
export const calling = computed(() => notices.value.mentions.length + notices.value.wishes.length);

let asked = 0;

export async function loadNotices(): Promise<void> {
  const mine = ++asked;
  const found = await api.get<Notices>('/notices');
  if (mine === asked) notices.value = found; // else a later look knows more
}

/** The notes of this conversation are seen; of all when none is named. */
export async function readNotices(conversation: number | null = null): Promise<void> {
  if (!notices.value.mentions.some((one) => conversation === null || one.conversation === conversation)) return;
  await api.post('/notices/read', { conversation });
  await loadNotices();
}

let started = false;

export function startNotices(): void {
  if (started) return;
  started = true;
  onOpen(() => void loadNotices().catch(() => undefined));
  onFrame((frame) => {
    if (frame.type === 'mention') {
      ring('message');
      if (document.hidden && 'Notification' in window && Notification.permission === 'granted') {
        const note = new Notification(t('notices.calls', { name: frame.note.author }), { body: frame.note.text, tag: `note-${frame.note.id}` });
        note.onclick = () => window.focus();
      }
    }
    if (frame.type === 'mention' || frame.type === 'limit') void loadNotices().catch(() => undefined);
  });
}
