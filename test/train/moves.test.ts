import { describe, expect, test } from "vitest";
import { type BuildOptions, type BuildReport, build } from "../../src/train/index.ts";
import { int32Of, readRaw } from "../fixtures/index-file.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

const [ITEMS, DIM] = [400, 6];
const UNCALIBRATED = { calibrate: "off" } as const;
const { data } = rawVectors(ITEMS, DIM, 43);

/** A class, identified by its row of `data`. Its label does not follow the order of the rows. */
const labelOf = (row: number): string => `${(row * 7919) % 1000}-é${row}`;
const tableOf = (rows: readonly number[], change: (row: number) => number = () => 1) => ({
  data: Float32Array.from(
    rows.flatMap((row) => Array.from(data.subarray(row * DIM, (row + 1) * DIM), (v) => change(row) * v)),
  ),
  shape: [rows.length, DIM] as [number, number],
});
const allBut = (...left: number[]): number[] =>
  Array.from({ length: ITEMS }, (_, row) => row).filter((row) => !left.includes(row));

async function movesOf(table: ReturnType<typeof tableOf>, options: BuildOptions): Promise<BuildReport["moves"]> {
  let report: BuildReport | undefined;
  await build(table, {
    ...UNCALIBRATED,
    ...options,
    onReport: (given) => {
      report = given;
    },
  });
  return report?.moves;
}

/** The rows of `data` that are outliers of an index of these rows. */
async function outliersOf(file: Uint8Array, rows: readonly number[]): Promise<Set<number>> {
  const raw = readRaw(file);
  const ids = int32Of(raw, "ids").subarray(rows.length - Number(raw.metadata["outliers.count"]), rows.length);
  return new Set(Array.from(ids, (id) => rows[id] as number));
}

describe("moves of a build from an older index", () => {
  const oldRows = allBut(10, 11, 12);
  const old = (labelled: boolean) =>
    build(tableOf(oldRows), { ...UNCALIBRATED, ...(labelled && { labels: oldRows.map(labelOf) }) });

  test("are counted by label: classes put in, taken out and in another order have not moved", async () => {
    const warmFrom = await old(true);
    const rows = allBut(0, 200).reverse();
    const [table, options] = [tableOf(rows), { warmFrom, labels: rows.map(labelOf), ...UNCALIBRATED }];
    const [before, after] = [await outliersOf(warmFrom, oldRows), await outliersOf(await build(table, options), rows)];
    const turned = rows.filter((row) => oldRows.includes(row) && before.has(row) !== after.has(row));
    expect(await movesOf(table, options)).toEqual({
      ...{ comparedBy: "labels", compared: ITEMS - 5, moved: turned.length }, // the others lie where they did
      ...{ added: 3, removed: 2 },
    });
    expect(turned.length).toBeLessThan(5);
  });

  test("are those of classes whose rows are others, wherever they stand", async () => {
    const warmFrom = await old(true);
    const changed = [20, 21, 399];
    const change = (row: number): number => (changed.includes(row) ? -5 : 1);
    const inOrder = await movesOf(tableOf(oldRows, change), { warmFrom });
    expect(inOrder).toMatchObject({ comparedBy: "ids", compared: ITEMS - 3 });
    expect(inOrder?.moved).toBeGreaterThan(0);
    const rows = [...allBut(...changed, 10, 11, 12), ...changed];
    expect(await movesOf(tableOf(rows, change), { warmFrom, labels: rows.map(labelOf) })).toEqual({
      ...inOrder,
      comparedBy: "labels",
    });
  });

  test("are counted by id where one of the indexes has no labels", async () => {
    const rows = allBut(0);
    const [labelled, plain] = [await old(true), await old(false)];
    const table = tableOf(rows);
    const byId = await movesOf(table, { warmFrom: labelled });
    expect(byId).toMatchObject({ comparedBy: "ids", compared: ITEMS - 3, added: 2, removed: 0 });
    expect(await movesOf(table, { warmFrom: plain, labels: rows.map(labelOf) })).toEqual(byId);
    expect(byId?.moved).toBeGreaterThan(ITEMS / 2);
  });
});
