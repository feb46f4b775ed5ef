// The wall's figures: read again soon after anything happened at the seats, and every few seconds anyway,
// because messages of citizens who talk to the assistant make no noise here.
import { onScopeDispose, ref, type Ref } from 'vue';

import { api } from '../api/http';
import { onFrame, onOpen } from '../api/live';
import type { Titled, Urgency } from '../api/types';

export interface Share {
  part: number;
  whole: number;
}
export interface WallSeat {
  id: number;
  name: string;
  presence: string;
  since: string | null;
  load: number;
  capacity: number;
}
export interface WallRow {
  conversation: number | null;
  channel: string;
  language: string;
  service: Titled | null;
  urgency: Urgency;
  since: string;
  came_back: boolean;
}
export interface WallSkill {
  kind: 'service' | 'category' | 'language' | 'channel';
  title: Titled;
  waiting: number;
  seats: number;
  load: number;
  capacity: number;
}
export interface WallAlarm {
  conversation: number | null;
  safety: string[];
  since: string;
  taken: boolean;
  operator: string;
}
export interface Day {
  messages: number;
  conversations: number;
  alone: Share;
  handovers: number;
  first_reply: number | null;
  first_reply_p90: number | null;
  in_time: Share;
  handling: number | null;
  gone: number;
  satisfied: Share;
  stars: number | null;
  filed: number;
  open_tickets: number;
  overdue: number;
  given_up: number;
  by_service: { service: Titled; count: number }[];
}
export interface Wall {
  now: string;
  queue: {
    waiting: number;
    by_urgency: Partial<Record<Urgency, number>>;
    longest: string | null;
    median_wait: number | null;
    seated: number;
    rows: WallRow[];
    curve: number[];
  };
  seat_count: { online: number; busy: number; away: number; load: number; capacity: number };
  seats: WallSeat[];
  skills: WallSkill[];
  alarms: WallAlarm[];
  day: Day;
  arrivals: { today: number[]; usual: number[]; hour: number; now: number; expected: number | null };
}

const EVERY = 5_000;
const SOON = 250; // a burst of frames is one reading
const HEARD = ['waiting', 'claimed', 'ended', 'presence', 'ticket', 'alarm'];

/** `behind`: the last reading failed and what is shown is old. */
export function useWall(): { wall: Ref<Wall | null>; behind: Ref<boolean>; load: () => Promise<void> } {
  const wall = ref<Wall | null>(null);
  const behind = ref(false);
  let soon = 0;
  let reading = false;
  let again = false;

  async function load(): Promise<void> {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    try {
      wall.value = await api.get<Wall>('/wall');
      behind.value = false;
    } catch {
      behind.value = true;
    } finally {
      reading = false;
      if (again) {
        again = false;
        later();
      }
    }
  }

  function later(): void {
    window.clearTimeout(soon);
    soon = window.setTimeout(() => void load(), SOON);
  }

  void load();
  const every = window.setInterval(() => void load(), EVERY);
  const stops = [
    onFrame((frame) => {
      if (HEARD.includes(frame.type)) later();
    }),
    onOpen(later),
  ];
  onScopeDispose(() => {
    window.clearInterval(every);
    window.clearTimeout(soon);
    stops.forEach((stop) => stop());
  });
  return { wall, behind, load };
}
