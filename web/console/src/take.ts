// Taking a conversation from the queue, from wherever the button is.
import { api, Problem } from './api/http';
import { oops } from './say';
import { queue, reload } from './state/seats';

export async function take(id: number): Promise<boolean> {
  try {
    await api.post(`/conversations/${id}/claim`);
    await reload();
    return true;
  } catch (error) {
    oops(error);
    if (error instanceof Problem && error.status !== 0) queue.value = queue.value.filter((row) => row.id !== id);
    return false;
  }
}
