import { beforeAll, expect, test } from "vitest";
import { FormatError } from "../../../src/bytes/format-error.ts";
import {
  applyChanges,
  type ChangeSet,
  encodeChanges,
  encodeLoggedSet,
  savedChanges,
} from "../../../src/changes/index.ts";
import { openEncoder } from "../../../src/encoder/index.ts";
import type { MultiIndex } from "../../../src/index/multi-index.ts";
import { load } from "../../../src/index.ts";
import { build } from "../../../src/train/build/build-inlined.ts";
import type { BuildOptions } from "../../../src/train/build/build-options.ts";
import { type CompactOptions, compact } from "../../../src/train/compaction/index.ts";
import { labelOf } from "../../changes/catalogue.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

const COUNT = 320;
const DIM = 8;
const NAMES = Array.from({ length: COUNT }, (_, id) => labelOf(id));
const OPTIONS: BuildOptions = {
  ...{ labels: NAMES, bias: randomRows(COUNT, 2), fineCodes: true, bits: 3, seed: 5 },
  columns: {
    price: { type: "number", values: NAMES.map((_, id) => (id % 7 === 0 ? null : id % 5)) },
    kind: { type: "string", values: NAMES.map((_, id) => (id === 4 ? "only" : `kind ${id % 3}`)) },
    sold: { type: "boolean", values: NAMES.map((_, id) => id % 2 === 0) },
  },
  namespaces: NAMES.map((_, id) => (id < 9 ? "a" : "b")),
};
const data = { data: randomRows(COUNT * DIM, 1), shape: [COUNT, DIM] } as const;

const SET: ChangeSet = {
  upserts: {
    ...{ labels: ["new", NAMES[7] as string, "another"], rows: randomRows(3 * DIM, 3), biases: [0.5, 0.25, 0] },
    columns: { kind: ["kind 1", undefined, null], price: [1.5, null, 3] },
  },
  removals: [NAMES[4] as string, NAMES[300] as string],
};
const query = randomRows(DIM, 9);

let file: Uint8Array<ArrayBuffer>;
let changed: MultiIndex;
beforeAll(async () => {
  file = await build(data, OPTIONS);
  changed = (await open(file, { maxDelta: 16, maxK: 1024 })).index;
  applyChanges(changed, SET, { sequence: 7 });
});

test("columns, namespaces and labels go along, and ids close up", async () => {
  const { file: compacted, report } = await compact(file, savedChanges(changed), { calibrate: "carry" });
  const { index } = await open(compacted, { maxK: 1024 });
  expect(report).toMatchObject({ kept: COUNT - 3, replaced: 1, removed: 2, added: 2, sequence: 7 });
  expect([3, 4, 5, 7, 299, 300, 301, COUNT, COUNT + 1].map((id) => report.newIds[id])).toEqual([
    ...[3, -1, 4, 6, 298, -1, 299, COUNT - 2, COUNT - 1],
  ]);
  expect(index.labels([4, 6, COUNT - 2, COUNT - 1])).toEqual([NAMES[5], NAMES[7], "new", "another"]);
  expect(index.info.columns?.map(({ name, distinct }) => [name, distinct])).toEqual([
    ...[
      ["price", 6],
      ["kind", 3],
      ["sold", 2],
      ["$namespace", 2],
    ],
  ]);
  const named = ({ ids, scores }: { ids: Int32Array; scores: Float32Array }, of: MultiIndex) =>
    of.labels(ids).map((label, i) => [label, scores[i]]);
  for (const options of [
    { filter: { price: { $gte: 3 } } },
    { filter: { kind: "kind 1", sold: true } },
    { namespace: "a" },
    { filter: { price: { $ne: 1 } } },
  ]) {
    const all = { ...options, exact: true };
    expect(named(index.topK(query, 400, all), index)).toEqual(named(changed.topK(query, 400, all), changed));
  }
});

test("what is measured on the new index is marked so, and what is carried over too", async () => {
  const carried = await compact(file, SET, { calibrate: "carry" });
  const measured = await compact(file, SET);
  const [old, one, other] = await Promise.all(
    [file, carried.file, measured.file].map(async (each) => (await open(each)).index),
  );
  expect(old?.info.compaction).toBeUndefined();
  expect(one?.info.compaction).toEqual({ sequence: 1, calibration: "carried", curves: "carried" });
  expect(one?.info.calibration).toEqual(old?.info.calibration);
  expect(one?.info.recallCurves).toEqual(old?.info.recallCurves);
  expect(one?.info.rowRecall).toBeUndefined(); // nothing is known about the rows as they were given
  expect(other?.info.compaction).toEqual({ sequence: 1, calibration: "measured", curves: "measured" });
  expect(other?.info.calibration).toMatchObject({ calibrated: true, source: "stand-ins", queryCount: 32 });
  expect(other?.info.calibration.answers).toBeGreaterThan(0);
  expect(other?.info.recallCurves[0]?.points.at(-1)?.scan).toBe(COUNT);
  expect(Buffer.compare((await compact(file, [SET], { calibrate: "quick" })).file, measured.file)).toBe(0);
  const queries = randomRows(40 * DIM, 77);
  const byQueries = await open((await compact(file, SET, { queries })).file);
  expect(byQueries.index.info).toMatchObject({ recallQueries: "queries", calibration: { source: "queries" } });
});

test("classes whose row stays keep their bucket, and others get the one of their row", async () => {
  const { file: compacted, report } = await compact(file, SET, { calibrate: "carry" });
  const bucketsOf = async (bytes: Uint8Array) => {
    const { opened } = await open(bytes);
    const { tensors, facts } = opened.header;
    const view = (name: "ids" | "bucketOffsets" | "bucketCodes", count: number) =>
      new Int32Array(Uint8Array.from(bytes.subarray(tensors[name]?.begin, tensors[name]?.end)).buffer, 0, count);
    const [ids, offsets] = [view("ids", facts.itemCount), view("bucketOffsets", facts.bucketCount + 1)];
    const bucketOf = new Map<number, number>();
    for (const [bucket, code] of view("bucketCodes", facts.bucketCount).entries()) {
      for (const id of ids.subarray(offsets[bucket], offsets[bucket + 1])) bucketOf.set(id, code);
    }
    return { bucketOf, outliers: facts.outliers?.count ?? 0 };
  };
  const [before, after] = [await bucketsOf(file), await bucketsOf(compacted)];
  expect(report.coded).toBe(3 + before.outliers);
  let kept = 0;
  for (const [id, bucket] of before.bucketOf) {
    const now = after.bucketOf.get(report.newIds[id] as number);
    if (id === 7 || now === undefined) continue;
    kept++;
    expect(now).toBe(bucket);
  }
  expect(kept).toBeGreaterThan(COUNT - 5 - before.outliers - after.outliers);
});

test("a file of changes is taken in its place of the log alone, and only of this index", async () => {
  const second = encodeChanges(changed, SET, { after: 1, sequence: 2 });
  await expect(compact(file, second)).rejects.toThrow('"changes"[0] expected those that follow 0, got 2 to 2');
  const first = encodeChanges(changed, { removals: [NAMES[1] as string] });
  const { file: compacted, report } = await compact(file, [first, second, first], { calibrate: "carry" });
  expect(report).toMatchObject({ sequence: 2, removed: 3 });
  await expect(compact(compacted, first)).rejects.toThrow('"changes"[0] expected those of the index with content id');
  const next = (await open(compacted, { maxDelta: 4 })).index;
  expect(() => applyChanges(next, encodeChanges(next, SET, { after: 3 }))).toThrow("got one with those up to 2");
  expect(applyChanges(next, encodeChanges(next, { removals: ["new"] })).sequence).toBe(3);
});

test("bad arguments are refused by name", async () => {
  const refused: readonly (readonly [() => Promise<unknown>, string])[] = [
    [() => compact(file, SET, { calibrate: "off" as never }), '"calibrate" expected quick or full or carry, got "off"'],
    [() => compact(file, SET, { labels: "none" as never }), '"labels" expected ids'],
    [() => compact(file, SET, { sequence: 0 }), '"sequence" expected at least that of the changes, 1, got 0'],
    [() => compact(file, SET, { queries: new Float32Array(5) }), '"queries" expected n × 8 values'],
    [() => compact(file, [7 as never]), '"changes"[0] expected a change set or the bytes of changes, got number'],
    [() => compact(file, SET, { maxBytes: 1000 }), "compact it where there is more memory, with midx compact"],
    [() => compact(file, { upserts: { labels: ["x"], rows: [1] } }), '"upserts.rows" expected 1 × 8 values'],
  ];
  for (const [call, message] of refused) await expect(call()).rejects.toThrow(message);
  const damaged = file.slice();
  damaged[damaged.length - 20] = (damaged[damaged.length - 20] as number) ^ 1;
  await expect(compact(damaged, SET)).rejects.toThrow(FormatError);
});

test("changes that take more than maxBytes are not read to their end", async () => {
  const maxBytes = 9_500_000; // 8 MiB of them for the work itself
  let read = 0;
  const [rows, biases] = [randomRows(100 * DIM, 5), randomRows(100, 6)];
  async function* sets(namesOf: (i: number) => string[]) {
    for (read = 0; read < 100; ) yield encodeLoggedSet({ upserts: { labels: namesOf(read++), rows, biases } });
  }
  const names = (i: number): string[] => Array.from({ length: 100 }, (_, j) => `${i} ${j}`);
  await expect(compact(file, sets(names), { maxBytes, calibrate: "carry" })).rejects.toThrow('"maxBytes" expected');
  expect(read).toBeGreaterThan(10);
  expect(read).toBeLessThan(50);
  // Rows of the same classes take no more memory than the last of them.
  await compact(
    file,
    sets(() => names(0)),
    { maxBytes, calibrate: "carry" },
  );
  expect(read).toBe(100);
});

test("an index without labels keeps its ids, or has them written as labels", async () => {
  const unnamed = await build({ data: randomRows(90, 4), shape: [30, 3] }, { calibrate: "off", rowType: "f32" });
  const carry = { calibrate: "carry" } as const;
  const added = { upserts: { labels: ["30", "4"], rows: [1, 2, 3, 4, 5, 6] } };
  const grown = await open((await compact(unnamed, added, carry)).file);
  expect([...grown.index.rows([30, 4])]).toEqual([1, 2, 3, 4, 5, 6]);
  await expect(compact(unnamed, { removals: ["12"] }, carry)).rejects.toThrow(
    '"changes" remove class 12 of an index without labels, whose ids are its labels: class 13 of 30 would get another one: ' +
      '{ labels: "ids" } of compact, and midx compact --labels ids, write the ids',
  );
  const named = await open((await compact(unnamed, { removals: ["12"] }, { ...carry, labels: "ids" })).file);
  expect(named.index.labels([11, 12])).toEqual(["11", "13"]);
});

test("a catalogue may lose all of its classes, and get others", async () => {
  const none = await compact(file, { removals: NAMES });
  expect((await open(none.file)).index.info).toMatchObject({ itemCount: 0, bucketCount: 0 });
  const { index } = await open((await compact(none.file, SET)).file);
  expect(index.topK(query, 5, { exact: true }).ids).toHaveLength(3);
});

test("an encoder goes along, and refuses items that it has no vectors of", async () => {
  const [count, dim, units] = [12, 8, 4];
  const labels = NAMES.slice(0, count);
  const rows = { data: randomRows(count * dim, 30), shape: [count, dim] } as const;
  const table = (size: number, seed: number) => randomRows(size, seed);
  const tables = {
    ...{ classes: rows.data, "gru.inputWeight": table(3 * units * dim, 31), "gru.inputBias": table(3 * units, 32) },
    ...{ "gru.stateWeight": table(3 * units * units, 33), "gru.stateBias": table(3 * units, 34) },
    ...{ "projection.weight": table(dim * units, 35), "projection.bias": table(dim, 36) },
  };
  const encoder = { shape: { encoder: "gru", units, items: "tied" }, tables } as const;
  const items = [NAMES[7] as string, NAMES[2] as string];
  const removal = { removals: [NAMES[4] as string] };
  for (const rowType of ["f32", "i8"] as const) {
    const before = await build(rows, { encoder, labels, rowType, calibrate: "off" });
    const { file: after } = await compact(before, removal, { calibrate: "carry" });
    const queries = await Promise.all(
      [before, after].map(async (each) => {
        const index = await load(each);
        await openEncoder(index);
        return index.encode(items);
      }),
    );
    expect(queries[0]).toEqual(queries[1]);
    const upsert = { upserts: { labels: ["new"], rows: randomRows(dim, 37) } };
    const grown = compact(before, upsert, { calibrate: "carry" });
    if (rowType === "f32") expect((await grown).report.added).toBe(1);
    else await expect(grown).rejects.toThrow("the encoder of the index has vectors of its own");
  }
  // The model drew the sequences that the bars are calibrated with. Stand-ins made of rows would be worse.
  const calibrated = await build(rows, { encoder, labels });
  const originOf = async (options: CompactOptions) => (await compact(calibrated, removal, options)).report.calibration;
  expect(await originOf({})).toBe("carried");
  expect(await originOf({ queries: rows.data })).toBe("measured");
});
