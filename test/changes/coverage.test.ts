import { beforeAll, expect, test } from "vitest";
import { applyChanges, type ChangeSet } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { Coverage } from "../fixtures/coverage.ts";
import { halves } from "../fixtures/next-word.ts";
import { consecutive, idsTo, indexOf, inParts, type Table } from "../parts/split.ts";
import { LARGE } from "../run/size.ts";

// Do log Ẑ ± 1.96 standard errors cover log Z of an index and of parts that have changed since their bars were calibrated? On
// contexts of a real layer of 10,000 words, of which the index has all but 500. Changes bring these, replace the rows of 250 others
// and remove 500. Seeds are fixed, so nothing here depends on chance.

const DIM = 100;
const [BUILT, ALL] = [9500, 10_000];
const QUERIES = LARGE ? 2048 : 120;

const data = halves("head.safetensors", "weight");
const bias = halves("head.safetensors", "bias");
const rowOf = (id: number): Float32Array => data.subarray(id * DIM, (id + 1) * DIM);
const labelOf = (id: number): string => `word ${id}`;
const all = halves("queries.safetensors", "queries");
const queries = Array.from({ length: QUERIES }, (_, i) => {
  const row = Math.floor((i * 2048) / QUERIES);
  return all.slice(row * DIM, (row + 1) * DIM);
});

const table: Table = { data, dim: DIM, bias, labels: labelOf, options: { seed: 1 }, limits: { maxDelta: 1000 } };
const isRemoved = (id: number): boolean => id < BUILT && id % 19 === 3;
/** A replaced row lies between that of its word and that of another. */
const isReplaced = (id: number): boolean => id < BUILT && id % 38 === 7;
const replaced = (id: number): Float32Array =>
  rowOf(id).map((value, d) => (value + (data[d + DIM * (id + 1)] ?? 0)) / 2);

const changed = idsTo(ALL).filter((id) => id >= BUILT || isReplaced(id));
const newRowOf = (id: number): Float32Array => (isReplaced(id) ? replaced(id) : rowOf(id));
const changes: ChangeSet = {
  upserts: {
    labels: changed.map(labelOf),
    rows: changed.flatMap((id) => Array.from(newRowOf(id))),
    biases: changed.map((id) => bias[id] as number),
  },
  removals: idsTo(ALL).filter(isRemoved).map(labelOf),
};

/** log Z of the changed catalogue, of an index that was built of it. */
let exact: readonly { readonly query: Float32Array; readonly temperature: number; readonly logPartition: number }[];
beforeAll(async () => {
  const rows = Float32Array.from(idsTo(ALL).flatMap((id) => Array.from(newRowOf(id))));
  const left = idsTo(ALL).filter((id) => !isRemoved(id));
  const anew = await indexOf({ ...table, data: rows, options: { seed: 1, calibrate: "off" } }, left);
  exact = queries.flatMap((query) =>
    [1, 0.5].map((temperature) => {
      const { logPartition } = anew.logPartition(query, { exact: true, temperature });
      return { query, temperature, logPartition };
    }),
  );
});

const CASES = [
  { of: "three parts", parts: 3, scan: 1024 },
  { of: "one index", parts: 1, scan: 256 },
  { of: "one index", parts: 1, scan: 1024 },
];

test.each(LARGE ? CASES : CASES.slice(0, 2))(
  "95 % intervals of $of with a tenth of its classes changed cover log Z: scan $scan",
  async ({ parts, scan }) => {
    const sizes = Array.from(
      { length: parts },
      (_, part) => Math.floor((BUILT * (part + 1)) / parts) - Math.floor((BUILT * part) / parts),
    );
    const { parted, indexes } = await inParts(table, consecutive(sizes));
    const asked = parts === 1 ? (indexes[0] as MultiIndex) : parted;
    applyChanges(asked, changes);
    const coverage = new Coverage();
    for (const [seed, { query, temperature, logPartition }] of exact.entries()) {
      coverage.add(await asked.logPartition(query, { scan, draws: 100, temperature, seed }), logPartition);
    }
    expect(coverage.trusted).toBeGreaterThan(0.97 * exact.length);
    expect(coverage.share).toBeGreaterThanOrEqual(0.94);
  },
);
