// My presence: leaving asks first when somebody would be left behind.
import { ref } from 'vue';

import { onFrame } from '../api/live';
import type { Presence } from '../api/people';
import { t } from '../i18n';
import { confirmed } from '../say';
import { mine, reload } from './seats';
import { session, setPresence } from './session';

/** Why the house changed it without me: "missed" offers, a "lost" connection. */
export const why = ref('');

onFrame((frame) => {
  if (frame.type === 'presence' && frame.person.id === session.me.value?.id) why.value = frame.why ?? '';
});

export async function be(presence: Presence): Promise<void> {
  if (presence === 'offline' && mine.value.length && !(await agreed())) return;
  await setPresence(presence);
  if (presence === 'offline') await reload();
}

export async function agreed(): Promise<boolean> {
  return confirmed(t('seating.leaveTitle'), t('seating.leaveHint', { n: mine.value.length }), t('seating.leave'));
}
