// What the answers of the API share.
export interface Titled {
  id: string;
  zh: string;
  en: string;
}
export type Urgency = 'normal' | 'high' | 'emergency';
export interface Page<T> {
  rows: T[];
  next: string | null;
}
