/** The tables in memory that were used last, each with the number of its place. */
export class RecentTables<Table extends { readonly index: number }> {
  /** The tables, the last used first. */
  readonly #tables: Table[];

  constructor(...tables: Table[]) {
    this.#tables = tables;
  }

  /** The number of tables. */
  get count(): number {
    return this.#tables.length;
  }

  /** Finds the last used table for which `isWanted` holds. It is then the last used. */
  find(isWanted: (table: Table) => boolean): Table | undefined {
    const at = this.#tables.findIndex(isWanted);
    if (at < 0) return;
    const [table] = this.#tables.splice(at, 1) as [Table];
    this.#tables.unshift(table);
    return table;
  }

  /** Makes a table in a free place or, if all of `places` are taken, in place of the least recently used one. */
  add(places: number, make: (index: number) => Table): Table {
    const { length } = this.#tables;
    const table = make(length < places ? length : (this.#tables.pop() as Table).index);
    this.#tables.unshift(table);
    return table;
  }
}
