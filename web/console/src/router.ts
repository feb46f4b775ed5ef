// The pages and who may open them. Whoever is not logged in is sent to the log-in page and back.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';

import type { Right } from './api/people';
import { t } from './i18n';
import { onLoggedOut, resume, session } from './state/session';

declare module 'vue-router' {
  interface RouteMeta {
    right?: Right;
    title?: string;
    open?: boolean;
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/login', name: 'login', component: () => import('./pages/Login.vue'), meta: { open: true } },
  { path: '/wall', name: 'wall', component: () => import('./pages/Wall.vue'), meta: { title: 'nav.wall', right: 'figures' } },
  { path: '/secure', name: 'secure', component: () => import('./pages/Secure.vue') },
  {
    path: '/',
    component: () => import('./parts/Shell.vue'),
    children: [
      { path: '', name: 'bench', component: () => import('./pages/Bench.vue'), meta: { title: 'nav.bench', right: 'operator' } },
      { path: 'c/:id(\\d+)', name: 'conversation', component: () => import('./pages/Bench.vue'), meta: { title: 'nav.bench', right: 'operator' } },
      { path: 'conversations', name: 'conversations', component: () => import('./pages/Conversations.vue'), meta: { title: 'nav.conversations', right: 'operator' } },
      { path: 'tickets/:number([A-Za-z0-9]+)?', name: 'tickets', component: () => import('./pages/Tickets.vue'), meta: { title: 'nav.tickets', right: 'operator' } },
      { path: 'deliveries', name: 'deliveries', component: () => import('./pages/Deliveries.vue'), meta: { title: 'nav.deliveries', right: 'operator' } },
      { path: 'canned', name: 'canned', component: () => import('./pages/Canned.vue'), meta: { title: 'nav.canned', right: 'operator' } },
      { path: 'team', name: 'team', component: () => import('./pages/Team.vue'), meta: { title: 'team.title', right: 'supervisor' } },
      { path: 'roster/:tab(people|groups|shifts|days)?', name: 'roster', component: () => import('./pages/Roster.vue'), meta: { title: 'roster.title', right: 'supervisor' } },
      { path: 'users', name: 'users', component: () => import('./pages/Users.vue'), meta: { title: 'nav.users', right: 'supervisor' } },
      { path: 'questions', name: 'questions', component: () => import('./pages/Questions.vue'), meta: { title: 'questions.title', right: 'reviewer' } },
      { path: 'audit', name: 'audit', component: () => import('./pages/Audit.vue'), meta: { title: 'nav.audit', right: 'auditor' } },
      { path: 'studio/models/:id(\\d+)?', name: 'models', component: () => import('./pages/Models.vue'), meta: { title: 'models.title', right: 'reviewer' } },
      { path: 'studio/watch', name: 'watch', component: () => import('./pages/Watch.vue'), meta: { title: 'watch.title', right: 'reviewer' } },
      { path: 'studio/inbox', name: 'inbox', component: () => import('./pages/Inbox.vue'), meta: { title: 'inbox.title', right: 'reviewer' } },
      { path: 'studio/data/:tab(services|acts|phrases|articles|places|departments|files|problems|history|import)?/:name?', name: 'data', component: () => import('./pages/Data.vue'), meta: { title: 'data.title', right: 'reviewer' } },
      { path: 'settings', name: 'settings', component: () => import('./pages/Settings.vue'), meta: { title: 'nav.settings' } },
      { path: ':rest(.*)*', name: 'lost', component: () => import('./pages/Lost.vue') },
    ],
  },
];

export const router = createRouter({ history: createWebHistory('/console/'), routes });

/** Where somebody begins: at the desk, or with what their role may read. */
export function home(): { name: string } {
  if (session.may('operator')) return { name: 'bench' };
  return { name: session.may('auditor') ? 'audit' : 'wall' };
}

router.beforeEach(async (to) => {
  if (to.meta.open) return (await resume()) ? home() : true;
  if (!(await resume())) return { name: 'login', query: { to: to.fullPath } };
  if (session.owed.value) return to.name === 'secure' ? true : { name: 'secure' };
  if (to.name === 'secure') return home();
  if (to.meta.right && !session.may(to.meta.right)) return home();
  return true;
});

router.afterEach((to) => {
  document.title = `${to.meta.title ? `${t(to.meta.title)} · ` : ''}${t('app.name')}`;
});

onLoggedOut(() => {
  void router.replace({ name: 'login', query: { to: router.currentRoute.value.fullPath, expired: '1' } });
});
