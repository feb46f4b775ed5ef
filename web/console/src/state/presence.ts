// My presence: leaving asks first when somebody would be left behind.
import { ElMessageBox } from 'element-plus';
import { ref } from 'vue';

import { onFrame } from '../api/live';
import type { Presence } from '../api/types';
import { t } from '../i18n';
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
  try {
    await ElMessageBox.confirm(t('seating.leaveHint', { n: mine.value.length }), t('seating.leaveTitle'), {
      confirmButtonText: t('seating.leave'),
      cancelButtonText: t('common.cancel'),
    });
    return true;
  } catch {
    return false;
  }
}
