import type { LoggedMetadata, LoggedSet, SetToLog } from "../../src/changes/index.ts";

interface JoinedClass {
  readonly row: Float32Array;
  readonly bias: number | undefined;
  readonly metadata: LoggedMetadata | null;
}

/**
 * Sets of a log that make one together, because no label is in an upsert of one and in a removal of another. New labels keep their
 * order, so ids are the same however a reader joins sets: applying a set takes as long for one class as for a hundred.
 */
export class JoinedSets {
  /** The number of the last set. */
  sequence = 0;
  count = 0;
  readonly #sets: LoggedSet[] = [];
  readonly #upserts = new Map<string, JoinedClass>();
  readonly #removals = new Set<string>();
  #dim = 0;
  #space: string | undefined;

  /** Adds a set. Returns false, and adds nothing, for a set that has to be applied after the others. */
  add(set: LoggedSet, sequence: number): boolean {
    const { upserts, removals, space } = set;
    const { labels = [], rows, biases, metadata } = upserts ?? {};
    const dim = rows && labels.length > 0 ? rows.length / labels.length : this.#dim;
    if (this.#upserts.size > 0 && (dim !== this.#dim || space !== this.#space)) return false;
    if (labels.some((label) => this.#removals.has(label))) return false;
    if (removals.some((label) => this.#upserts.has(label))) return false;
    this.#dim = dim;
    if (labels.length > 0) this.#space = space;
    for (const [i, label] of labels.entries()) {
      this.#upserts.set(label, {
        row: (rows as Float32Array).subarray(i * dim, (i + 1) * dim),
        bias: biases?.[i],
        metadata: metadata?.[i] ?? this.#upserts.get(label)?.metadata ?? null,
      });
    }
    for (const label of removals) this.#removals.add(label);
    this.sequence = sequence;
    this.count++;
    this.#sets.push(set);
    return true;
  }

  /** The sets, each by itself. */
  get singly(): JoinedSets[] {
    return this.#sets.map((set, i) => {
      const single = new JoinedSets();
      single.add(set, this.sequence - this.count + 1 + i);
      return single;
    });
  }

  /** All changes as one set. */
  get set(): SetToLog {
    const classes = [...this.#upserts.values()];
    const rows = new Float32Array(classes.length * this.#dim);
    for (const [i, { row }] of classes.entries()) rows.set(row, i * this.#dim);
    const biases = classes.map(({ bias }) => bias);
    const hasBiases = biases.some((bias) => bias !== undefined);
    return {
      ...(classes.length > 0 && {
        upserts: {
          labels: [...this.#upserts.keys()],
          rows,
          ...(hasBiases && { biases: biases as number[] }),
          metadata: classes.map(({ metadata }) => metadata),
        },
      }),
      removals: [...this.#removals],
      ...(this.#space !== undefined && { space: this.#space }),
    };
  }
}
