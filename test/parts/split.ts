import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { Limits } from "../../src/memory/plan.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import type { Part } from "../../src/parts/part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { BuildOptions, ColumnTable } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";

/** A table of rows, to be indexed as one or in parts. */
export interface Table {
  readonly data: Float32Array;
  readonly dim: number;
  readonly bias?: Float32Array;
  readonly labels?: (id: number) => string;
  readonly namespaces?: (id: number) => string | null;
  readonly columns?: (ids: readonly number[]) => Readonly<Record<string, ColumnTable>>;
  readonly options: BuildOptions;
  readonly limits?: Partial<Limits>;
}

/** The files of a table by the ids of their classes. Most tests of a suite split a table in the same ways. */
const built = new WeakMap<Table, Map<string, Promise<Uint8Array>>>();

/** Opens an index of some rows of a table. */
export async function indexOf(table: Table, ids: readonly number[]): Promise<MultiIndex> {
  const files = built.get(table) ?? new Map<string, Promise<Uint8Array>>();
  built.set(table, files);
  const file = files.get(`${ids}`) ?? buildOf(table, ids);
  files.set(`${ids}`, file);
  return (await open(await file, table.limits)).index;
}

function buildOf(table: Table, ids: readonly number[]): Promise<Uint8Array> {
  const { data, dim, bias, labels, namespaces, columns, options } = table;
  const rows = new Float32Array(ids.length * dim);
  for (const [i, id] of ids.entries()) rows.set(data.subarray(id * dim, (id + 1) * dim), i * dim);
  const matrix = { data: rows, shape: [ids.length, dim] } as const;
  return buildIndex(matrix, {
    ...options,
    ...(bias && { bias: ids.map((id) => bias[id] as number) }),
    ...(labels && { labels: ids.map(labels) }),
    ...(namespaces && { namespaces: ids.map(namespaces) }),
    ...(columns && { columns: columns(ids) }),
  });
}

export const idsTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

/** Splits ids into consecutive parts of these sizes. */
export function consecutive(sizes: readonly number[]): number[][] {
  let first = 0;
  return sizes.map((size) => {
    first += size;
    return Array.from({ length: size }, (_, i) => first - size + i);
  });
}

/** Deals ids out to parts in turn. */
export const inTurn = (count: number, parts: number): number[][] =>
  Array.from({ length: parts }, (_, part) => idsTo(count).filter((id) => id % parts === part));

/** A table in parts: the index of each, and all of them together. */
export interface Parted {
  readonly indexes: readonly MultiIndex[];
  readonly parts: readonly Part[];
  readonly parted: PartedIndex;
  /** The same, and a router of routers where several parts are consecutive. */
  readonly routers: readonly PartedIndex[];
}

/** Indexes the parts of a table. Parts that are not consecutive have tables of ids. */
export async function inParts(table: Table, groups: readonly (readonly number[])[]): Promise<Parted> {
  const indexes: MultiIndex[] = [];
  for (const ids of groups) indexes.push(await indexOf(table, ids));
  const parts = indexes.map((index, number) => partOf(index, { number }));
  const isConsecutive = groups.flat().every((id, i) => id === i);
  const placements = parts.map((part, i) => ({ part, ids: groups[i] as readonly number[] }));
  const parted = new PartedIndex(isConsecutive ? parts : placements);
  return { indexes, parts, parted, routers: isConsecutive && parts.length > 1 ? [parted, nested(parts)] : [parted] };
}

/** A router of routers: half of the parts behind one, the others behind another. */
export function nested(parts: readonly Part[]): PartedIndex {
  const half = Math.ceil(parts.length / 2);
  return new PartedIndex([new PartedIndex(parts.slice(0, half)), new PartedIndex(parts.slice(half))]);
}
