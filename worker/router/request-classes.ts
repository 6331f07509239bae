import { askClasses, findLabels } from "../../src/parts/asked-classes.ts";
import type { ClassMetadata, Part, PartialClasses, Question, QuestionOptions } from "../../src/parts/index.ts";

/** The calls whose answers list classes. */
const LISTING: ReadonlySet<Question["call"]> = new Set(["topK", "predict", "sample", "sampleTopK"] as const);

/**
 * The facts about classes that one request has from the parts: ids of the labels that it names, and the labels, rows and values
 * in columns that its answers have carried along.
 */
export class RequestClasses {
  /** True if answers carry rows, too. */
  withRows = false;
  /** True if answers carry the values in columns, too. */
  withMetadata = false;
  /** The ids of labels; undefined for a label that no part has. */
  readonly #ids = new Map<string, number | undefined>();
  readonly #labels = new Map<number, string>();
  readonly #rows = new Map<number, Float32Array>();
  readonly #metadata = new Map<number, ClassMetadata>();
  /** Labels whose classes have yet to be looked up. */
  readonly #pending = new Set<string>();
  /** Classes whose labels, rows or values in columns have yet to be looked up. */
  readonly #unknown = new Set<number>();
  #needsRows = false;
  #needsMetadata = false;

  /** True if something that was named has yet to be looked up. */
  get isPending(): boolean {
    return this.#pending.size + this.#unknown.size > 0;
  }

  /** Returns the id of a label; −1 for one that has yet to be looked up, which is noted. RangeError if no part has it. */
  idOf(label: string): number {
    if (!this.#ids.has(label)) {
      this.#pending.add(label);
      return -1;
    }
    const id = this.#ids.get(label);
    if (id === undefined) throw new RangeError('"labels" expected a label of the index, got an unknown one');
    return id;
  }

  /** Looks up everything that was named, with one question to each part. */
  async settle(part: Part): Promise<void> {
    const { dim, hasLabels = false } = part.info;
    const labels = [...this.#pending];
    const asked = { ids: Int32Array.from(this.#unknown).sort(), withLabels: hasLabels, ...this.#needed };
    const { places, classes } =
      labels.length > 0
        ? await findLabels(part, labels, asked)
        : { places: new Map<string, number>(), classes: await askClasses(part, asked) };
    this.keep(classes, dim);
    for (const label of labels) {
      const place = places.get(label);
      this.#ids.set(label, place === undefined ? undefined : classes.ids[place]);
      this.#pending.delete(label);
    }
    this.#unknown.clear();
  }

  /** Adds to a question what its answer is to carry. */
  carrying(question: Question, hasLabels: boolean): Question {
    if (!LISTING.has(question.call)) return question;
    const wanted = {
      ...(hasLabels && { withLabels: true }),
      ...(this.withRows && { withRows: true }),
      ...(this.withMetadata && { withMetadata: true }),
    };
    return { ...question, options: { ...question.options, ...wanted } };
  }

  /** Keeps what an answer carries. */
  keep({ ids, labels, rows, metadata }: PartialClasses, dim: number): void {
    for (const [at, id] of ids.entries()) {
      if (labels) this.#labels.set(id, labels[at] as string);
      if (metadata) this.#metadata.set(id, metadata[at] as ClassMetadata);
      if (rows) this.#rows.set(id, rows.subarray(at * dim, (at + 1) * dim));
    }
  }

  labels(ids: ArrayLike<number>): string[] {
    return this.#carried(this.#labels, ids);
  }

  metadata(ids: ArrayLike<number>): ClassMetadata[] {
    this.#needsMetadata = true;
    return this.#carried(this.#metadata, ids);
  }

  rows(ids: ArrayLike<number>, dim: number): Float32Array {
    this.#needsRows = true;
    const values = new Float32Array(ids.length * dim);
    for (const [i, row] of this.#carried(this.#rows, ids).entries()) values.set(row, i * dim);
    return values;
  }

  get #needed(): Pick<QuestionOptions, "withRows" | "withMetadata"> {
    return { ...(this.#needsRows && { withRows: true }), ...(this.#needsMetadata && { withMetadata: true }) };
  }

  /**
   * Returns known facts about classes. Throws if one is unknown, and notes its class, unless it has a label that has yet to be
   * looked up.
   */
  #carried<T>(known: ReadonlyMap<number, T>, ids: ArrayLike<number>): T[] {
    const unknown = Array.from(ids).filter((id) => !known.has(id));
    if (unknown.length === 0 && this.#pending.size === 0) return Array.from(ids, (id) => known.get(id) as T);
    for (const id of unknown) if (id >= 0) this.#unknown.add(id);
    throw new Error("classes have yet to be looked up");
  }
}
