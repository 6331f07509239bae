import type { TopK } from "../../src/public.ts";
import type { ServedIndex } from "../host/served-index.ts";

/** Vectorize's metadata of a class: its label, if the index has labels. */
export type Metadata = Readonly<Record<string, string>>;

/** A class in the shape of Vectorize's vectors. */
export interface StoredVector {
  /** The label of the class if the index has labels, otherwise its id. */
  readonly id: string;
  readonly values?: readonly number[];
  readonly metadata?: Metadata;
}

/** The parts of a vector that are wanted beside its id. */
interface VectorParts {
  readonly values: boolean;
  /** An index has no metadata indexes, so "indexed" metadata are empty. */
  readonly metadata: "none" | "indexed" | "all";
}

export function vectorsOf(index: ServedIndex, classes: Int32Array, { values, metadata }: VectorParts): StoredVector[] {
  const { dim, hasLabels } = index.info;
  const rows = values ? index.rows(classes) : undefined;
  const names = hasLabels ? index.labels(classes) : Array.from(classes, String);
  return names.map((id, i) => ({
    id,
    ...(rows && { values: Array.from(rows.subarray(i * dim, (i + 1) * dim)) }),
    ...(metadata !== "none" && { metadata: hasLabels && metadata === "all" ? { label: id } : {} }),
  }));
}

/** Writes the classes of an answer as matches of a query. */
export const matchesOf = (
  index: ServedIndex,
  { ids, scores }: Pick<TopK, "ids" | "scores">,
  values: boolean,
  wanted: VectorParts["metadata"] | boolean,
) => {
  const metadata = typeof wanted === "string" ? wanted : wanted ? "all" : "none";
  return vectorsOf(index, ids, { values, metadata }).map(({ id, ...beside }, rank) => ({
    id,
    score: scores[rank] as number,
    ...beside,
  }));
};

/** The class with this id, or undefined. */
export function classOf(index: ServedIndex, id: string): number | undefined {
  const { hasLabels, itemCount } = index.info;
  if (!hasLabels) return /^(0|[1-9]\d*)$/.test(id) && Number(id) < itemCount ? Number(id) : undefined;
  try {
    return index.idsOf([id])[0];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
