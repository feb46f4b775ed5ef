// The answers of the API about people: who may what, who is there, how one logs in.
import type { Titled } from './types';

export type Role = 'operator' | 'reviewer' | 'supervisor' | 'admin' | 'auditor' | 'press';
/** What a role holds and a page needs: bot/roles.py. */
export type Right = 'self' | 'figures' | 'operator' | 'reviewer' | 'supervisor' | 'auditor' | 'admin';
export type Presence = 'online' | 'busy' | 'away' | 'offline';
/** As others see it: `lost` while a console is silent and nothing is given up yet. */
export type Seen = Presence | 'lost';
export interface Person {
  id: number;
  login: string;
  name: string;
  role: Role;
  language: 'zh' | 'en';
  active: boolean;
  presence: Presence;
  seen_at: string | null;
  created_at: string | null;
}
export interface Me {
  me: Person;
  rights: Right[];
  /** What must be done before anything else. */
  owed: '' | 'password' | 'factor';
  csrf: string;
  city: Titled;
  timezone: string;
  now: string;
}
export interface Front {
  city: Titled;
  demo: { login: string; name: string; role: Role; password: string }[];
}
export interface Factor {
  on: boolean;
  since: string | null;
  obligatory: boolean;
  codes_left: number;
}
export interface FactorOffer {
  secret: string;
  uri: string;
  qr: string;
}
export interface OpenSession {
  key: string;
  agent: string;
  address: string;
  created_at: string;
  seen_at: string;
  current: boolean;
}
export interface UserRow extends Person {
  factor: boolean;
  groups: string[];
}
