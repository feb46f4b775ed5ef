// Short messages to the person at the screen, and questions before what is hard to take back.
import { ElMessage, ElMessageBox } from 'element-plus';

import { Problem } from './api/http';
import { mine } from './format';
import { t } from './i18n';

export function oops(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof Problem) {
    if (error.status === 401) return; // the log-in page says it
    const fields = Object.values(error.fields).map(mine).join('；');
    ElMessage.error({ message: fields || mine(error.message), grouping: true });
  } else {
    console.error(error);
    ElMessage.error({ message: String(error), grouping: true });
  }
}

export function done(message: string): void {
  ElMessage.success({ message, grouping: true, duration: 1800 });
}

/** Whether the person means it. */
export async function confirmed(title: string, hint: string, yes: string, grave = false): Promise<boolean> {
  const look = grave ? { confirmButtonClass: 'el-button--danger' } : {};
  try {
    await ElMessageBox.confirm(hint, title, { confirmButtonText: yes, cancelButtonText: t('common.cancel'), ...look });
    return true;
  } catch {
    return false;
  }
}
