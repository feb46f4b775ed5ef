// The words of the pages: Chinese first, English second, both complete (the type of one is the type of the other).
import { computed } from 'vue';
import { createI18n } from 'vue-i18n';

import * as bench from './bench';
import * as codes from './codes';
import * as data from './data';
import * as frame from './frame';
import * as inbox from './inbox';
import * as models from './models';
import * as office from './office';
import * as seating from './seating';
import * as staff from './staff';
import * as talk from './talk';
import * as tickets from './tickets';
import * as watch from './watch';

// Each area of pages has a file of its own; their top-level names differ.
const messages = {
  zh: {
    ...frame.zh,
    ...codes.zh,
    ...bench.zh,
    ...tickets.zh,
    ...staff.zh,
    ...talk.zh,
    ...seating.zh,
    ...office.zh,
    ...data.zh,
    ...inbox.zh,
    ...models.zh,
    ...watch.zh,
  },
  en: {
    ...frame.en,
    ...codes.en,
    ...bench.en,
    ...tickets.en,
    ...staff.en,
    ...talk.en,
    ...seating.en,
    ...office.en,
    ...data.en,
    ...inbox.en,
    ...models.en,
    ...watch.en,
  },
};

const KEY = 'lianxin.console.language';

function first(): 'zh' | 'en' {
  return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh';
}

export const i18n = createI18n({ legacy: false, locale: first(), fallbackLocale: 'zh', messages });
export const t = i18n.global.t;
export const language = computed(() => i18n.global.locale.value);

export function speak(wanted: 'zh' | 'en'): void {
  i18n.global.locale.value = wanted;
  localStorage.setItem(KEY, wanted);
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
}

/** The word for a code; the code itself where there is no word for it. */
export function word(group: string, code: string): string {
  const key = `${group}.${code}`;
  return i18n.global.te(key) || i18n.global.te(key, 'zh') ? t(key) : code;
}

/** Why a delivery failed, in plain words; the provider's code goes with it where we have none for it. */
export function failure(code: string): string {
  const key = `deliveries.error_${code}`;
  if (i18n.global.te(key) || i18n.global.te(key, 'zh')) return t(key);
  return t('deliveries.error_other', { code });
}

speak(first());
