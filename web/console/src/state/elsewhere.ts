// A new service competes with phrases of older ones that speak of the same thing: offer to look at them.
import type { Router } from 'vue-router';

import { api } from '../api/http';
import { t } from '../i18n';
import { confirmed } from '../say';
import { BASE } from './data';

interface Found {
  total: number;
}

export async function offerPhrasesElsewhere(router: Router, id: string, title: string): Promise<void> {
  const [all, own] = await Promise.all([{}, { intent: id }].map((it) => api.get<Found>(`${BASE}/phrases`, { ...it, search: title, limit: 1 })));
  const n = (all?.total ?? 0) - (own?.total ?? 0);
  if (n < 1) return;
  const look = await confirmed(t('newService.elsewhere', { n, name: title }), t('newService.elsewhereHint'), t('newService.look'));
  if (look) await router.push({ name: 'data', params: { tab: 'phrases' }, query: { search: title } });
}
