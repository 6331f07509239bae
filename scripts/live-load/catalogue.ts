import { startNoise } from "../../bench/noise.ts";

/** A change of one or more classes, which the log orders. */
export interface Change {
  readonly path: "/v1/upsert" | "/v1/delete";
  readonly body: { readonly labels: readonly string[]; readonly rows?: readonly (readonly number[])[] };
}

/** The expected answer for a class, and the change since which it is expected. */
interface Item {
  /** The last row. */
  readonly row: readonly number[];
  readonly isRemoved: boolean;
  readonly sequence: number;
}

/** Labels that are added each time. */
const MOST_ADDED = 3;
const SCALE = 8;

/**
 * The expected state of the service: the classes after every acknowledged change. Rows have length 1, so the best class for a
 * row is the class of that row. A label is changed by one request at a time, so answers have the order of the log.
 */
export class Catalogue {
  readonly dim: number;
  /** The classes before any change. */
  readonly first: readonly { readonly label: string; readonly row: readonly number[] }[];
  readonly #next = startNoise();
  readonly #items = new Map<string, Item>();
  /** The numbers of acknowledged changes behind `complete`. */
  readonly #acknowledged = new Set<number>();
  readonly #busy = new Set<string>();
  /** The largest number up to which all changes are acknowledged. */
  #complete = 0;
  #added = 0;

  constructor(dim: number, itemCount: number) {
    this.dim = dim;
    this.first = Array.from({ length: itemCount }, (_, i) => ({ label: `item ${i}`, row: this.newRow() }));
    for (const { label, row } of this.first) this.#items.set(label, { row, isRemoved: false, sequence: 0 });
  }

  get complete(): number {
    return this.#complete;
  }

  newRow(): number[] {
    const row = Array.from({ length: this.dim }, () => this.#next() + this.#next());
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    return row.map((value) => Math.fround(value / length));
  }

  /** Returns a query whose best class is that of this row. */
  queryOf(row: readonly number[]): number[] {
    return row.map((value) => SCALE * value);
  }

  /** Makes a change: two in three add classes, the others replace or remove one that is there. */
  propose(): Change {
    const kind = Math.floor(3 * Math.abs(this.#next()));
    const free = [...this.#items].filter(([label, { isRemoved }]) => !isRemoved && !this.#busy.has(label));
    const old = free[Math.floor(free.length * Math.abs(this.#next()))]?.[0];
    const change = kind === 0 && old !== undefined ? this.#changeOf(old) : this.#addition();
    for (const label of change.body.labels) this.#busy.add(label);
    return change;
  }

  /** Keeps a change that the service has acknowledged, or forgets one that it has refused. */
  settle(change: Change, sequence: number | undefined): void {
    for (const label of change.body.labels) this.#busy.delete(label);
    if (sequence === undefined) return;
    for (const [i, label] of change.body.labels.entries()) {
      const row = change.body.rows?.[i];
      const old = this.#items.get(label)?.row ?? [];
      this.#items.set(label, { row: row ?? old, isRemoved: row === undefined, sequence });
    }
    this.#acknowledged.add(sequence);
    while (this.#acknowledged.delete(this.#complete + 1)) this.#complete++;
  }

  /** Returns the expected answer for a class, unless a change of it is under way or came after `sequence`. */
  expected(label: string, sequence: number): Item | undefined {
    const item = this.#items.get(label);
    return item && item.sequence <= sequence && !this.#busy.has(label) ? item : undefined;
  }

  /** Returns the labels that any change was about. */
  get changed(): string[] {
    return [...this.#items].filter(([, { sequence }]) => sequence > 0).map(([label]) => label);
  }

  #addition(): Change {
    const count = 1 + Math.floor(MOST_ADDED * Math.abs(this.#next()));
    const labels = Array.from({ length: count }, () => `new ${this.#added++}`);
    return { path: "/v1/upsert", body: { labels, rows: labels.map(() => this.newRow()) } };
  }

  #changeOf(label: string): Change {
    if (this.#next() < 0) return { path: "/v1/delete", body: { labels: [label] } };
    return { path: "/v1/upsert", body: { labels: [label], rows: [this.newRow()] } };
  }
}
