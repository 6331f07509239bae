import type { ColumnValue, TopK } from "../../src/public.ts";
import type { Served } from "../host/host.ts";
import type { ServedIndex } from "../host/served-index.ts";

/** Vectorize's metadata of a class: its values in the columns of the index, and its label, if the index has labels. */
export type Metadata = Readonly<Record<string, ColumnValue>>;

/** A class in the shape of Vectorize's vectors. */
export interface StoredVector {
  /** The label of the class if the index has labels, otherwise its id. */
  readonly id: string;
  readonly values?: readonly number[];
  readonly metadata?: Metadata;
  /** The namespace of the class, if it has one. */
  readonly namespace?: string;
}

/** The parts of a vector that are wanted beside its id. */
interface VectorParts {
  readonly values: boolean;
  /** All but "none" are the columns here. */
  readonly metadata: Wanted;
}
type Wanted = "none" | "indexed" | "all";

export function vectorsOf(index: ServedIndex, classes: Int32Array, { values, metadata }: VectorParts): StoredVector[] {
  const { dim, hasLabels } = index.info;
  const rows = values ? index.rows(classes) : undefined;
  const names = hasLabels ? index.labels(classes) : Array.from(classes, String);
  const stored = showsColumns(index, metadata) ? index.metadata(classes) : [];
  return names.map((id, i) => {
    const { $namespace: namespace, ...own } = stored[i] ?? {};
    return {
      id,
      ...(rows && { values: Array.from(rows.subarray(i * dim, (i + 1) * dim)) }),
      ...(metadata !== "none" && { metadata: own }),
      ...(namespace !== undefined && { namespace: namespace as string }),
    };
  });
}

/** Adds what is no column, if all metadata are wanted: those that are kept beside the index, and the label if none has its name. */
export async function withBeside<Vector extends StoredVector>(
  vectors: Vector[],
  { beside, index }: Pick<Served, "beside" | "index">,
  wanted: Wanted,
): Promise<Vector[]> {
  if (wanted !== "all") return vectors;
  const found = (await beside?.(vectors)) ?? vectors;
  if (!index.info.hasLabels) return found;
  return found.map((vector) => ({ ...vector, metadata: { label: vector.id, ...vector.metadata } }));
}

/** Tells whether metadata of classes are values in columns of the index. */
export const showsColumns = ({ info }: Pick<ServedIndex, "info">, metadata: Wanted): boolean =>
  metadata !== "none" && info.columns !== undefined;

/** Returns the kind of metadata that a request wants. */
export const metadataOf = (wanted: Wanted | boolean): Wanted =>
  typeof wanted === "string" ? wanted : wanted ? "all" : "none";

/** Writes the classes of an answer as matches of a query. */
export const matchesOf = (
  index: ServedIndex,
  { ids, scores }: Pick<TopK, "ids" | "scores">,
  values: boolean,
  wanted: Wanted | boolean,
) =>
  vectorsOf(index, ids, { values, metadata: metadataOf(wanted) }).map(({ id, ...beside }, rank) => ({
    id,
    score: scores[rank] as number,
    ...beside,
  }));

/** The class with this id, or undefined. */
export function classOf(index: ServedIndex, id: string): number | undefined {
  const { hasLabels, itemCount } = index.info;
  if (!hasLabels) {
    const isId = /^(0|[1-9]\d*)$/.test(id) && Number(id) < itemCount;
    return isId && !index.isRemoved?.(Number(id)) ? Number(id) : undefined;
  }
  try {
    return index.idsOf([id])[0];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
