import { beforeAll, describe, expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import { targetOf } from "../../src/changes/changeable-index.ts";
import { encodeFor } from "../../src/changes/encode-changes.ts";
import {
  applyChanges,
  type ChangeSet,
  checkChanges,
  DeltaFullError,
  encodeChanges,
  encodeLoggedSet,
  readChanges,
  savedChanges,
  splitMetadata,
} from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";
import { type Base, bases, labelOf } from "./catalogue.ts";

let all: Base[];
let base: Base;
let index: MultiIndex;
beforeAll(async () => {
  all = await bases();
  base = all[0] as Base;
  index = (await open(base.file, { maxDelta: 3, maxK: 1024 })).index;
  applyChanges(index, upsert(["new"], 1));
});

const row = (seed: number): number[] => Array.from(randomRows(base.dim, seed));
const upsert = (labels: readonly string[], seed: number): ChangeSet => ({
  upserts: { labels, rows: labels.flatMap((_, i) => row(seed + i)), biases: labels.map(() => 0.25) },
});
/** Changes one field of upserts of two labels. */
const wrong = (field: object): ChangeSet => {
  const { upserts } = upsert(["new", labelOf(4)], 5);
  return { upserts: { ...upserts, ...field } as ChangeSet["upserts"] } as ChangeSet;
};

const BAD: Record<string, readonly [() => ChangeSet, string]> = {
  "a row too short": [() => wrong({ rows: row(5) }), '"upserts.rows" expected 2 × 6 values'],
  "a NaN": [
    () => wrong({ rows: [...row(5), ...row(6)].with(8, Number.NaN) }),
    '"upserts.rows"[8] expected a finite number',
  ],
  "a text for a number": [() => wrong({ rows: [...row(5), ...row(6)].with(3, "1" as never) }), '"upserts.rows"[3]'],
  "rows as bits of float16": [
    () => wrong({ rows: new Uint16Array(12) }),
    '"upserts.rows" expected a Float32Array or an array of numbers, got a Uint16Array: bits of float16 are read',
  ],
  "biases as bits of float16": [
    () => wrong({ biases: new Uint16Array(2) }),
    '"upserts.biases" expected a Float32Array',
  ],
  "a row far longer than all": [
    () => wrong({ rows: [...row(5), ...row(6).map((value) => 100 * value)] }),
    '"upserts.rows" of row 1, ',
  ],
  "a bias beyond all": [() => wrong({ biases: [0, 1e9] }), '"upserts.biases" of row 1, '],
  "no biases": [() => wrong({ biases: undefined }), '"upserts.biases" expected 2 values, since the index has biases'],
  "too few biases": [() => wrong({ biases: [1] }), '"upserts.biases" expected 2 values'],
  "a label that is none": [() => wrong({ labels: ["new", 7] }), '"upserts.labels"[1] expected a string'],
  "half a character": [() => wrong({ labels: ["new", "\ud800"] }), '"upserts.labels"[1] expected Unicode text'],
  "a long label": [
    () => wrong({ labels: ["new", "é".repeat(513)] }),
    '"upserts.labels"[1] expected a label of at most 1024 bytes',
  ],
  "labels in a set": [() => wrong({ labels: new Set(["new"]) }), '"upserts.labels" expected an array of strings'],
  "an unknown field": [() => wrong({ rws: [] }), '"rws" is not an option of changes'],
  "an upsert and a removal": [
    () => ({ ...upsert(["new"], 7), removals: ["a", "new"] }),
    '"removals"[1] expected a label',
  ],
  "a removal that is no text": [() => ({ removals: [3 as never] }), '"removals"[0] expected a string'],
  null: [() => null as never, '"changes" expected an object'],
};

describe.each(Object.keys(BAD))("%s", (name) => {
  test("is refused by name, and the index stays as it was", () => {
    const [make, message] = BAD[name] as (typeof BAD)[string];
    const before = [savedChanges(index), index.info, answersOf(index)];
    expect(() => applyChanges(index, make())).toThrow(message);
    expect([savedChanges(index), index.info, answersOf(index)]).toEqual(before);
  });
});

const answersOf = (asked: MultiIndex) => [
  asked.predict(randomRows(base.dim, 9), 20, { seed: 1 }),
  asked.labels(Array.from({ length: asked.info.itemCount }, (_, id) => id)),
];

test("a full delta names its limit and the remedy, and applies nothing", () => {
  const before = [savedChanges(index), answersOf(index)];
  const full = (): unknown =>
    applyChanges(index, { ...upsert(["b", labelOf(1), labelOf(2)], 3), removals: [labelOf(3)] });
  expect(full).toThrow(DeltaFullError);
  expect(full).toThrow("changes expected at most 3 rows (maxDelta), got 4: build anew");
  expect(full).toThrow(expect.objectContaining({ count: 4, maxDelta: 3 }));
  expect(() => applyChanges(index, upsert(["b", "c", "d"], 3))).toThrow("load(file, { maxDelta: 4 })");
  expect([savedChanges(index), answersOf(index)]).toEqual(before);
});

test("a label that comes and goes keeps its id, and its place among new labels", async () => {
  const { index: fresh } = await open(base.file, { maxDelta: 2 });
  const { itemCount } = fresh.info;
  applyChanges(fresh, upsert(["x"], 1));
  expect(applyChanges(fresh, { removals: ["x", "nobody"] })).toEqual({ sequence: 2, upserted: 0, removed: 1 });
  expect(() => fresh.idsOf(["x"])).toThrow('"labels"[0] expected a label of the index');
  expect(() => fresh.rows([0, itemCount])).toThrow(
    `"ids"[1] expected a class of the index, got ${itemCount}, which was removed`,
  );
  applyChanges(fresh, upsert(["y"], 2));
  expect(() => applyChanges(fresh, upsert(["z"], 3))).toThrow("at most 2 new labels");
  applyChanges(fresh, upsert(["x"], 4));
  expect([...fresh.idsOf(["x", "y"])]).toEqual([itemCount, itemCount + 1]);
  expect(fresh.labels([itemCount, itemCount + 1])).toEqual(["x", "y"]);
  expect(fresh.info.changes).toEqual({
    sequence: 4,
    classCount: itemCount + 2,
    rowCount: 2,
    removedCount: 0,
    addedCount: 2,
    maxDelta: 2,
  });
});

test("an index without labels takes ids", async () => {
  const unnamed = all[2] as Base;
  const { index: fresh } = await open(unnamed.file, { maxDelta: 4 });
  const set = (label: string): ChangeSet => ({ upserts: { labels: [label], rows: [0.1, 0.2, 0.3], biases: [0] } });
  expect(() => applyChanges(fresh, set("41"))).toThrow(
    '"upserts" expected the id of a class, or "40" for the next one, got "41"',
  );
  expect(() => applyChanges(fresh, set("07"))).toThrow('got "07"');
  applyChanges(fresh, set("40"));
  applyChanges(fresh, { ...set("7"), removals: ["8"] });
  expect(fresh.topK([1, 1, 1], 64, { exact: true }).ids).toHaveLength(40);
  expect(Array.from(fresh.rows([7, 40]))).toEqual([0.1, 0.2, 0.3, 0.1, 0.2, 0.3].map(Math.fround));
});

test("an index without biases takes none", async () => {
  const { index: unbiased } = await open((all[1] as Base).file, { maxDelta: 2 });
  const upserts = { labels: ["a"], rows: [1, 2, 3, 4, 5], biases: [1] };
  expect(() => applyChanges(unbiased, { upserts })).toThrow(
    '"upserts.biases" expected an index built with "bias" (--bias)',
  );
  expect(unbiased.info.changes).toBeUndefined();
});

test("an index whose biases are all 0 takes those that dominate nothing", async () => {
  const matrix = { data: randomRows(10 * 4, 3), shape: [10, 4] } as const;
  const file = await buildIndex(matrix, { bias: new Float32Array(10), seed: 1 });
  const { index: level } = await open(file, { maxDelta: 4 });
  const set = (bias: number): ChangeSet => ({ upserts: { labels: ["3"], rows: [1, 0, 0, 0], biases: [bias] } });
  expect(() => applyChanges(level, set(4.5))).toThrow(
    '"upserts.biases" of row 0, "3", expected a magnitude of at most 4, which is 4 times the largest of the file (at least 1), got 4.5',
  );
  const query = [1, 2, 3, 4];
  for (const bias of [-4, 4]) {
    applyChanges(level, set(bias));
    const { ids, scores } = level.topK(query, 10, { exact: true });
    expect(scores[ids.indexOf(3)]).toBeCloseTo(1 + bias, 3);
    expect([...scores]).toEqual([...scores].sort((a, b) => b - a));
  }
});

test("an index has room for changes only if it was loaded with it", async () => {
  const { index: fixed } = await open(base.file);
  expect(fixed.info.changes).toBeUndefined();
  expect(() => applyChanges(fixed, { removals: ["a"] })).toThrow("load(file, { maxDelta: 10000 }) makes it");
  expect(() => partOf(index)).toThrow('"index" expected one without changes: make the part first');
});

test("a file is applied in its place of the log, once", async () => {
  const { index: fresh } = await open(base.file, { maxDelta: 4 });
  const second = encodeChanges(fresh, upsert(["two"], 2), { after: 1, sequence: 2 });
  expect(() => applyChanges(fresh, second)).toThrow(
    "changes 2 to 2 expected an index with those up to 1, got one with those up to 0",
  );
  applyChanges(fresh, encodeChanges(fresh, upsert(["one"], 1)));
  expect(applyChanges(fresh, second)).toEqual({ sequence: 2, upserted: 1, removed: 0 });
  const before = savedChanges(fresh);
  expect(applyChanges(fresh, second)).toEqual({ sequence: 2, upserted: 0, removed: 0 });
  expect(savedChanges(fresh)).toEqual(before);
  const { contentId } = fresh.info;
  expect(readChanges(second)).toMatchObject({ contentId, after: 1, sequence: 2, upserts: ["two"], removals: [] });
  const { index: other } = await open((all[1] as Base).file, { maxDelta: 4 });
  expect(() => applyChanges(other, second)).toThrow(
    `expected those of the index with content id ${other.info.contentId}`,
  );
});

test.each([
  ["ArrayBuffer", (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer],
  ["DataView", (bytes: Uint8Array<ArrayBuffer>) => new DataView(bytes.buffer)],
  ["Blob", (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes])],
  ["Response", (bytes: Uint8Array<ArrayBuffer>) => new Response(bytes)],
  ["Map", () => new Map(Object.entries({ removals: [labelOf(5)] }))],
  ["Date", () => new Date(0)],
])("changes in a %s are refused, not taken for none", async (kind, held) => {
  const { index: fresh } = await open(base.file, { maxDelta: 4 });
  const given = held(encodeChanges(fresh, { removals: [labelOf(5)] })) as never;
  const refused = `expected an object, got ${kind}: pass what it holds`;
  for (const take of [applyChanges, checkChanges, encodeChanges]) {
    expect(() => take(fresh, given)).toThrow(`"changes" ${refused}`);
    expect(() => take(fresh, { upserts: given })).toThrow(`"upserts" ${refused}`);
  }
  expect(() => encodeLoggedSet(given)).toThrow(`"changes" ${refused}`);
  expect(() => readChanges(given)).toThrow('"bytes" expected a Uint8Array, got an object');
  const { upserts } = upsert(["new"], 1);
  const columns = { upserts: { ...upserts, columns: given } } as ChangeSet;
  expect(() => applyChanges(fresh, columns)).toThrow(`"upserts.columns" expected an object of columns, got ${kind}`);
  expect(() => splitMetadata([given], [])).toThrow(`"metadata"[0] expected an object or null, got ${kind}`);
  expect(fresh.info.changes).toBe(undefined);
});

test("no byte of a file of changes can change unseen", async () => {
  const bytes = encodeChanges(index, { ...upsert(["ä", labelOf(9), "b"], 4), removals: [labelOf(5)] });
  expect(readChanges(bytes).removals).toEqual([labelOf(5)]);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    expect(() => readChanges(damaged), `byte ${at}`).toThrow(FormatError);
  }
  for (let length = 0; length < bytes.length; length += 37) {
    expect(() => readChanges(bytes.subarray(0, length))).toThrow(FormatError);
  }
  expect(() => readChanges(base.file)).toThrow("no file of changes");
});

test.each([
  ["dim", (own: Base) => ({ dim: own.dim + 1 }), /expected dim 6, as in the index, got 7/],
  ["rows", () => ({ rows: "f16", hasResiduals: false }), /expected rows "\w+", as in the index, got "f16"/],
  ["hasBias", () => ({ hasBias: false }), /expected hasBias true, as in the index, got false/],
] as const)("a file for the index with another %s is refused, however it was sealed", async (_, facts, message) => {
  const { index: own } = await open(base.file, { maxDelta: 3 });
  const target = { ...targetOf(own), ...facts(base) } as ReturnType<typeof targetOf>;
  const row = Array.from({ length: target.dim }, (_each, i) => i / 10);
  const upserts = { labels: ["x"], rows: row, ...(target.hasBias && { biases: [0] }) };
  const file = encodeFor({ first: 0, contentId: own.info.contentId, target }, { upserts }, {});
  expect(() => applyChanges(own, file)).toThrow(message);
  expect(own.info.changes).toBeUndefined();
  await expect(compact(base.file, [file])).rejects.toThrow(message);
});
