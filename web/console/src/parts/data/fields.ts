// Which facts a knowledge article, a department or a place has, and how each is typed in.
import type { Values } from '../../state/data';

export type Shelf = 'articles' | 'departments' | 'places';
export interface Field {
  name: string;
  as: 'text' | 'long' | 'lines' | 'date' | 'number' | 'service' | 'rows';
  needed?: boolean;
  help?: string; // a key below data.field
  columns?: string[]; // of rows: "a | b" on a line
  only?: string[]; // in these lists
  fixed?: boolean; // not to be changed once made
}

export const FIELDS: Record<Shelf, Field[]> = {
  articles: [
    { name: 'id', as: 'text', needed: true, help: 'idHelp', fixed: true },
    { name: 'questions', as: 'lines', needed: true, help: 'questionsHelp' },
    { name: 'answer', as: 'long', needed: true },
    { name: 'answer_en', as: 'long' },
    { name: 'service', as: 'service' },
    { name: 'source', as: 'text' },
    { name: 'valid_until', as: 'date' },
    { name: 'links', as: 'rows', columns: ['title', 'url'], help: 'linksHelp' },
  ],
  departments: [
    { name: 'id', as: 'text', needed: true, help: 'idHelp', fixed: true },
    { name: 'name', as: 'text', needed: true },
    { name: 'name_en', as: 'text', needed: true },
    { name: 'short', as: 'text', needed: true },
    { name: 'aliases', as: 'lines', help: 'aliasesHelp' },
    { name: 'phone', as: 'text' },
    { name: 'sign_hours', as: 'number' },
    { name: 'areas', as: 'rows', columns: ['area', 'name', 'name_en', 'phone'], help: 'areasHelp' },
  ],
  places: [
    { name: 'name', as: 'text', needed: true, fixed: true },
    { name: 'name_en', as: 'text', only: ['districts'] },
    { name: 'parent', as: 'text', only: ['towns', 'communities', 'roads', 'estates', 'pois'], needed: true },
    { name: 'road', as: 'text', only: ['estates', 'pois'] },
    { name: 'kind', as: 'text', only: ['pois'] },
    { name: 'aliases', as: 'lines', help: 'aliasesHelp' },
  ],
};

/** What stands in the field for a value. */
export function typed(field: Field, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (field.as === 'lines') return (value as unknown[]).map(String).join('\n');
  if (field.as === 'rows') {
    const rows = value as Values[];
    return rows.map((row) => (field.columns ?? []).map((it) => String(row[it] ?? '')).join(' | ')).join('\n');
  }
  return String(value);
}

/** The value of what stands in the field; null for nothing. */
export function valued(field: Field, text: string): unknown {
  const plain = text.trim();
  if (!plain) return null;
  const lines = plain.split('\n').map((it) => it.trim()).filter(Boolean);
  if (field.as === 'lines') return lines;
  if (field.as === 'number') return Number(plain);
  if (field.as === 'rows') return lines.map((line) => row(field.columns ?? [], line));
  return lines.join(' ');
}

/** A line with fewer cells than columns lacks the first ones: a bare address is a link without a title. */
function row(columns: string[], line: string): Values {
  const cells = line.split(/\s*[|｜]\s*/);
  const names = cells.length === 1 && columns.includes('url') ? ['url'] : columns;
  return Object.fromEntries(names.map((name, n) => [name, cells[n] ?? '']).filter(([, value]) => value));
}
