// Colleagues and groups, read when somebody is to be called or a conversation passed on.
import { ref } from 'vue';

import { api } from '../api/http';
import type { Colleague, Group } from '../api/talk';

export const colleagues = ref<Colleague[]>([]);
export const groups = ref<Group[]>([]);

export async function loadColleagues(): Promise<void> {
  const [people, all] = await Promise.all([
    api.get<{ rows: Colleague[] }>('/colleagues'),
    api.get<{ rows: Group[] }>('/groups'),
  ]);
  colleagues.value = people.rows;
  groups.value = all.rows;
}
