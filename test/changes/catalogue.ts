import { applyChanges, type ChangeSet } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type Open, open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

/** A file that changes are made to, and the rows that it was built from. */
export interface Base {
  readonly name: string;
  readonly dim: number;
  readonly itemCount: number;
  readonly options: BuildOptions;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly labels: readonly string[];
  readonly rows: Float32Array;
  readonly biases: Float32Array | undefined;
}

interface Shape {
  readonly itemCount: number;
  readonly dim: number;
  readonly hasBias?: boolean;
  readonly hasLabels?: boolean;
  readonly options: BuildOptions;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "rq i8, fine codes, residuals, biases": {
    ...{ itemCount: 300, dim: 6, hasBias: true, hasLabels: true },
    options: { fineCodes: true, residuals: true, bits: 3 },
  },
  "pq f16 cosine": {
    itemCount: 60,
    dim: 5,
    hasLabels: true,
    options: { quantizer: "pq", rowType: "f16", metric: "cosine", bits: 2 },
  },
  "rq f32 with biases, without labels": {
    ...{ itemCount: 40, dim: 3, hasBias: true },
    options: { rowType: "f32", bits: 2 },
  },
  "rq i8 with biases, more classes than buckets": {
    ...{ itemCount: 500, dim: 8, hasBias: true, hasLabels: true },
    options: { bits: 2 },
  },
};

/** The label of class i. Their order by bytes is not that of the ids, and some need more bytes a character than others. */
export const labelOf = (i: number): string =>
  ["a", "é", "中", "😀", ""][i % 5] + String((i * 7919) % 1009) + (i > 1008 ? `+${i}` : "");

export async function bases(): Promise<Base[]> {
  return Promise.all(
    Object.entries(SHAPES).map(async ([name, { itemCount, dim, hasBias, hasLabels, options }], i) => {
      const rows = randomRows(itemCount * dim, 70 + i);
      const biases = hasBias ? randomRows(itemCount, 80 + i).map((value) => 2 * value) : undefined;
      const labels = Array.from({ length: itemCount }, (_, id) => (hasLabels ? labelOf(id) : String(id)));
      const all = { ...options, ...(biases && { bias: biases }), ...(hasLabels && { labels }), seed: 3 };
      const file = await buildIndex({ data: rows, shape: [itemCount, dim] }, all);
      return { name, dim, itemCount, options, file, labels, rows, biases };
    }),
  );
}

/** One entry of a log of changes. A row of undefined removes the label. */
export interface Entry {
  readonly label: string;
  readonly row?: Float32Array;
  readonly bias?: number;
}

/** Makes change sets of entries, each of which has a label once. */
function changeSet(base: Base, entries: readonly Entry[]): ChangeSet {
  const upserts = entries.filter(({ row }) => row !== undefined);
  const removals = entries.flatMap(({ label, row }) => (row === undefined ? [label] : []));
  const rows = Float32Array.from(upserts.flatMap(({ row }) => Array.from(row as Float32Array)));
  return {
    ...(upserts.length > 0 && {
      upserts: {
        labels: upserts.map(({ label }) => label),
        rows,
        ...(base.biases && { biases: upserts.map(({ bias }) => bias as number) }),
      },
    }),
    ...(removals.length > 0 && { removals }),
  };
}

/** Splits a log into sets that have no label in both upserts and removals: at these places, and where they have to. */
export function setsOf(base: Base, log: readonly Entry[], cuts: ReadonlySet<number>): ChangeSet[] {
  const sets: Entry[][] = [[]];
  for (const [i, entry] of log.entries()) {
    const isMixed = sets.at(-1)?.some(({ label, row }) => label === entry.label && !row !== !entry.row);
    if (cuts.has(i) || isMixed) sets.push([]);
    sets.at(-1)?.push(entry);
  }
  return sets.map((entries) => changeSet(base, entries));
}

/** How a file is opened. A small largest head makes small files take the ways of large ones. */
export interface Opening {
  readonly maxScan: number;
  readonly build: "release" | "relaxed";
}

/** Opens a file with room for changes. */
export const openBase = ({ file }: Base, { maxScan, build }: Opening): Promise<Open> =>
  open(file, { maxDelta: 64, maxK: 1024, maxScan }, build);

/** Opens a file with room for changes, and applies a log in sets. */
export async function openChanged(
  base: Base,
  opening: Opening,
  log: readonly Entry[],
  cuts: ReadonlySet<number> = new Set(),
): Promise<Open> {
  const opened = await openBase(base, opening);
  for (const set of setsOf(base, log, cuts)) applyChanges(opened.index, set);
  return opened;
}

/** The classes that a log leaves: their ids, and the entries that changed them. */
export function classesAfter(
  base: Base,
  log: readonly Entry[],
): Map<string, { readonly id: number; readonly entry?: Entry }> {
  const ids = new Map(base.labels.map((label, id) => [label, id]));
  const live = new Map<string, { id: number; entry?: Entry }>(base.labels.map((label, id) => [label, { id }]));
  for (const entry of log) {
    const { label, row } = entry;
    if (row === undefined) {
      live.delete(label);
      continue;
    }
    const id = ids.get(label) ?? ids.size;
    ids.set(label, id);
    live.set(label, { id, entry });
  }
  return live;
}

/** Scores in float64 of the stored rows, by id, as the index returns them. */
export function logits(index: MultiIndex, base: Base, log: readonly Entry[], query: Float32Array): Map<number, number> {
  const live = [...classesAfter(base, log).values()];
  const rows = index.rows(live.map(({ id }) => id));
  const norm =
    index.info.metric === "cosine" ? Math.sqrt(query.reduce((sum, value) => sum + value * value, 0)) || 1 : 1;
  return new Map(
    live.map(({ id, entry }, i) => {
      let sum = entry ? (entry.bias ?? 0) : (base.biases?.[id] ?? 0);
      if (!base.biases) sum = 0;
      for (let d = 0; d < base.dim; d++) sum += (rows[i * base.dim + d] as number) * ((query[d] as number) / norm);
      return [id, sum];
    }),
  );
}
