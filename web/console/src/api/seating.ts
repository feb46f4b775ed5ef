// The answers of the API about seats, groups and duty.
import type { ConversationRow } from './conversations';
import type { Role, Seen } from './people';

export interface Skill {
  kind: 'service' | 'category' | 'language' | 'channel';
  value: string;
}
export interface Colleague {
  id: number;
  name: string;
  role: Role;
  presence: Seen;
  load: number;
  capacity: number;
  groups: number[];
  skills: Skill[];
}
export interface TeamSeat extends Colleague {
  login: string;
  offers: boolean;
  since: string | null;
  seen_at: string | null;
  due: boolean | null;
  asked: number | null;
  handled: number;
  conversations: ConversationRow[];
}
export interface Team {
  seats: TeamSeat[];
  waiting: number;
  longest: string | null;
  places: number;
  free: number;
  minutes: number | null;
  on_duty: boolean | null;
  opens: string | null;
  grace: number;
  now: string;
}
export interface Group {
  id: number;
  name: string;
  about: string;
  members: number[];
}
export interface Shift {
  id: number;
  name: string;
  group: number | null;
  operator: number | null;
  weekdays: number[];
  starts: string;
  ends: string;
  holidays: boolean;
}
export interface DutyDay {
  day: string;
  works: boolean;
  name: string;
  set: boolean;
}
