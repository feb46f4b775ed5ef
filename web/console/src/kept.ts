// A short list of things that supervisors keep (groups, shifts): add, change, remove, and say how it went.
import { ref, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';

import { api } from './api/http';
import { confirmed, done, oops } from './say';

export interface Kept {
  shown: Ref<boolean>; // the dialog with the form
  save: (id: number, body: object) => Promise<void>; // id 0: a new one
  remove: (id: number, question: string) => Promise<void>;
}

/** `path` is the list's address in the API. */
export function kept(path: string, changed: () => void): Kept {
  const { t } = useI18n();
  const shown = ref(false);

  async function save(id: number, body: object): Promise<void> {
    try {
      await (id ? api.put(`${path}/${id}`, body) : api.post(path, body));
      shown.value = false;
      done(t('common.saved'));
      changed();
    } catch (error) {
      oops(error);
    }
  }

  async function remove(id: number, question: string): Promise<void> {
    if (!(await confirmed(question, t('roster.deleteHint'), t('roster.remove'), true))) return;
    try {
      await api.remove(`${path}/${id}`);
      changed();
    } catch (error) {
      oops(error);
    }
  }

  return { shown, save, remove };
}
