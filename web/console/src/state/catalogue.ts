// Services, departments, states and canned replies: read once after the log-in, canned ones again on demand.
import { computed, ref } from 'vue';

import { api } from '../api/http';
import { session } from './session';
import type { Canned } from '../api/conversations';
import type { Danger, Department, Service, State } from '../api/tickets';

export const services = ref<Service[]>([]);
export const departments = ref<Department[]>([]);
export const states = ref<State[]>([]);
export const dangers = ref<Danger[]>([]);
export const canned = ref<Canned[]>([]);

export const byCategory = computed(() => {
  const groups = new Map<string, Service[]>();
  for (const service of services.value) {
    const group = groups.get(service.category);
    if (group) group.push(service);
    else groups.set(service.category, [service]);
  }
  return [...groups];
});

export function service(id: string): Service | undefined {
  return services.value.find((one) => one.id === id);
}

export function state(id: string): State | undefined {
  return states.value.find((one) => one.id === id);
}

/** The numbers to call for these safety classes, gravest first. */
export function calls(classes: string[]): Danger[] {
  return dangers.value.filter((one) => classes.includes(one.id));
}

export async function loadCanned(): Promise<void> {
  canned.value = (await api.get<{ rows: Canned[] }>('/canned')).rows;
}

let loading: Promise<void> | null = null;

export function loadCatalogue(): Promise<void> {
  loading ??= (async () => {
    const [s, d, t, n] = await Promise.all([
      api.get<{ rows: Service[] }>('/services'),
      api.get<{ rows: Department[] }>('/departments'),
      api.get<{ rows: State[] }>('/states'),
      api.get<{ rows: Danger[] }>('/dangers'),
      session.may('operator') ? loadCanned() : null,
    ]);
    services.value = s.rows;
    departments.value = d.rows;
    states.value = t.rows;
    dangers.value = n.rows;
  })().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}
