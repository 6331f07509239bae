import { findLabels } from "../../src/parts/asked-classes.ts";
import type { ClassMetadata, Part, PartialClasses, Question } from "../../src/parts/index.ts";

/** The calls whose answers list classes. */
const LISTING: ReadonlySet<Question["call"]> = new Set(["topK", "predict", "sample", "sampleTopK"] as const);

/**
 * What one request knows of classes, which the parts know: ids of the labels that it names, and the labels and rows that its
 * answers have carried along.
 */
export class RequestClasses {
  /** Answers carry rows, too. */
  withRows = false;
  /** Answers carry the values in columns, too. */
  withMetadata = false;
  /** Undefined for a label that no part has. */
  readonly #ids = new Map<string, number | undefined>();
  readonly #labels = new Map<number, string>();
  readonly #rows = new Map<number, Float32Array>();
  readonly #metadata = new Map<number, ClassMetadata>();
  readonly #pending = new Set<string>();

  /** Labels were named that have yet to be looked up. */
  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Returns the id of a label; 0 for one that has yet to be looked up, which is noted. RangeError if no part has it. */
  idOf(label: string): number {
    if (!this.#ids.has(label)) {
      this.#pending.add(label);
      return 0;
    }
    const id = this.#ids.get(label);
    if (id === undefined) throw new RangeError('"labels" expected a label of the index, got an unknown one');
    return id;
  }

  /** Looks up all labels that were named, with rows if they are wanted: one question to each part. */
  async settle(part: Part, withRows = false): Promise<void> {
    const labels = [...this.#pending];
    const { places, classes } = await findLabels(part, labels, withRows);
    this.keep(classes, part.info.dim);
    for (const label of labels) {
      const place = places.get(label);
      this.#ids.set(label, place === undefined ? undefined : classes.ids[place]);
      this.#pending.delete(label);
    }
  }

  /** Adds what the answer is to carry to a question. */
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
    return Array.from(ids, (id) => carried(this.#labels, id));
  }

  metadata(ids: ArrayLike<number>): ClassMetadata[] {
    return Array.from(ids, (id) => carried(this.#metadata, id));
  }

  rows(ids: ArrayLike<number>, dim: number): Float32Array {
    const values = new Float32Array(ids.length * dim);
    for (let i = 0; i < ids.length; i++) values.set(carried(this.#rows, ids[i] as number), i * dim);
    return values;
  }
}

function carried<T>(known: ReadonlyMap<number, T>, id: number): T {
  const value = known.get(id);
  if (value === undefined) throw new Error(`no answer of this request has carried class ${id}`);
  return value;
}
