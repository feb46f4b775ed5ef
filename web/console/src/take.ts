// Taking a conversation from the queue, from wherever the button is.
import { api, Problem } from './api/http';
import { oops } from './say';
import { reload } from './state/seats';

export async function take(id: number): Promise<boolean> {
  try {
    await api.post(`/conversations/${id}/claim`);
    await reload();
    return true;
  } catch (error) {
    oops(error);
    if (error instanceof Problem && error.status !== 0) void reload();
    return false;
  }
}
