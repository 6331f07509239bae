import type { DeclaredField } from "./declared-columns.ts";

/** The most keys that are named as unused. Rows may have other keys each. */
export const MOST_UNUSED = 20;

/** Collects the keys of rows that lead to no field, and are not the key of labels either. */
export class UnusedKeys {
  private readonly fields: readonly DeclaredField[];
  private readonly idField: string | false;
  private readonly found = new Set<string>();

  constructor(fields: readonly DeclaredField[], idField: string | false) {
    this.fields = fields;
    this.idField = idField;
  }

  /** The first MOST_UNUSED of them. */
  get keys(): string[] {
    return [...this.found];
  }

  /** Looks at the keys of a row, but for the one that holds its values. */
  see(row: object, values?: string): void {
    for (const key of Object.keys(row)) {
      if (this.found.size === MOST_UNUSED) return;
      if (key !== values && key !== this.idField && !leadsToField(key, this.fields)) this.found.add(key);
    }
  }
}

/** Returns whether a key holds one of the fields, or an object that has one. */
export const leadsToField = (key: string, fields: readonly DeclaredField[]): boolean =>
  fields.some(({ name }) => name === key || name.startsWith(`${key}.`));
