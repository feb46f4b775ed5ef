// The columns of past tickets, and what each may hold.
export const ROLES = ['title', 'body', 'category', 'department', 'kind', 'personal'] as const;
export type Role = (typeof ROLES)[number];
export type Columns = Record<Role, string[]>;
export interface Head {
  name: string;
  cells: string[];
}

/** Words are needed, and something that says what they were about. */
export function enough(columns: Columns): boolean {
  return columns.title.length + columns.body.length > 0 && columns.category.length + columns.department.length > 0;
}

/** As the API takes it: "-" for what no column holds, so that nothing is guessed. */
export function told(columns: Columns): Columns {
  return Object.fromEntries(ROLES.map((it) => [it, columns[it].length ? columns[it] : ['-']])) as Columns;
}
