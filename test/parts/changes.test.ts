import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { xxh64 } from "../../src/arithmetic/xxh64.ts";
import {
  applyChanges,
  type ChangeSet,
  DeltaFullError,
  encodeChanges,
  readChanges,
  savedChanges,
} from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { load } from "../../src/index.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { build } from "../../src/train/build/build-inlined.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { inTurn as takeTurns } from "../run/turns.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn, type Table } from "./split.ts";
import { DIM, ITEM_COUNT, queries, TABLES } from "./tables.ts";

// Changes over parts against one index of all rows with the same changes.

const KINDS = ["int8 rows, biases", "f32 rows", "f16 rows, cosine"] as const;
const GROUPS = [consecutive([100, 140]), consecutive([0, 1, 179, 60]), inTurn(ITEM_COUNT, 3)];
const labelOf = (id: number): string => `item ${id}`;
const shop = (id: number): string => `shop ${id % 3}`;

const tableOf = (kind: (typeof KINDS)[number]): Table => ({
  ...(TABLES[kind] as Table),
  labels: labelOf,
  columns: (ids) => ({ shop: { type: "string", values: ids.map(shop) } }),
  limits: { maxDelta: 40, maxK: 512, maxScan: 512 },
});

test("rows of a removed class are refused by its id among all classes and its place, as by one index", async () => {
  const table = tableOf("f32 rows");
  const whole = await indexOf(table, idsTo(ITEM_COUNT));
  const set = { removals: [labelOf(120), labelOf(200)] };
  applyChanges(whole, set);
  for (const groups of GROUPS) {
    const { parts, parted, routers } = await inParts(table, groups);
    applyChanges(parted, set);
    const nestedRouter = routers.length > 1 ? [new PartedIndex([parted])] : [];
    for (const router of [parted, ...nestedRouter]) {
      for (const ids of [
        [7, 200],
        [120, 3, 7],
      ]) {
        const expected = outcome(() => whole.rows(ids));
        expect(expected).toContain("which was removed");
        await expect(router.rows(ids), `${parts.length}`).rejects.toThrow(expected);
      }
    }
  }
});

const outcome = (call: () => unknown): string => {
  try {
    return String(call());
  } catch (error) {
    return (error as Error).message;
  }
};

/** One entry of a log; without a seed it removes the label. */
interface Entry {
  readonly label: string;
  readonly seed?: number;
}

const entries: fc.Arbitrary<Entry[]> = fc.array(
  fc
    .record({ pick: fc.nat(11), isRemoval: fc.boolean(), seed: fc.nat(1e6) })
    .map(({ pick, isRemoval, seed }): Entry => {
      const label = pick < 6 ? labelOf([0, 1, 99, 100, 180, 239][pick] as number) : `new ${pick}`;
      return isRemoval ? { label } : { label, seed };
    }),
  { maxLength: 16 },
);

function setOf(part: readonly Entry[], hasBias: boolean): ChangeSet {
  const upserts = part.filter(({ seed }) => seed !== undefined);
  return {
    upserts: {
      labels: upserts.map(({ label }) => label),
      rows: upserts.flatMap(({ seed }) => Array.from(randomRows(DIM, seed as number))),
      ...(hasBias && { biases: upserts.map(({ seed }) => ((seed as number) % 100) / 100) }),
      columns: { shop: upserts.map(({ seed }) => ((seed as number) % 2 ? "new shop" : undefined)) },
    },
    removals: part.flatMap(({ label, seed }) => (seed === undefined ? [label] : [])),
  };
}

function setsOf(log: readonly Entry[], hasBias: boolean): ChangeSet[] {
  const sets: Entry[][] = [[]];
  for (const entry of log) {
    const isMixed = sets
      .at(-1)
      ?.some(({ label, seed }) => label === entry.label && (seed === undefined) !== (entry.seed === undefined));
    if (isMixed || (entry.seed ?? 1) % 7 === 0) sets.push([]);
    sets.at(-1)?.push(entry);
  }
  return sets.map((part) => setOf(part, hasBias));
}

/** Conditions about classes of files, classes that came and classes that went. */
function conditionsOf(count: number): Readonly<Record<string, ConditionOptions>> {
  const bitmap = new Uint8Array(Math.ceil(count / 8)).fill(0b10110101);
  const last = count - 1;
  return {
    none: {},
    exclude: { exclude: [0, 100, last], temperature: 0.5 },
    allow: { allow: [1, 99, 100, 180, 239, last] },
    bitmap: { allow: { bitmap } },
    "a bitmap from before": { allow: { bitmap: bitmap.slice(0, ITEM_COUNT / 8) } },
    filter: { filter: { shop: { $in: ["new shop", "shop 1"] } } },
    bias: { bias: { ids: [100, last], values: [1.5, -1] }, history: [0, last], presencePenalty: 0.25 },
  };
}

const [query] = queries.slice(1) as [Float32Array];

/** Compares the answers of parts with those of one index. */
async function compare(parted: PartedIndex, whole: MultiIndex): Promise<void> {
  const { itemCount } = whole.info;
  expect(parted.info.itemCount).toBe(itemCount);
  const { maxDelta: _, ...changes } = whole.info.changes as NonNullable<MultiIndex["info"]["changes"]>;
  expect(parted.info.changes).toEqual(changes);
  const ids = idsTo(itemCount);
  for (const [name, conditions] of takeTurns(Object.entries(conditionsOf(itemCount)), 2, `${itemCount}`)) {
    const best = whole.topK(query, itemCount, { exact: true, ...conditions });
    const found = await parted.topK(query, itemCount, { exact: true, ...conditions });
    expect(found.ids, name).toEqual(best.ids);
    expect(found.scores, name).toEqual(best.scores);
    const exactly = whole.logPartition(query, { exact: true, ...conditions });
    const sum = await parted.logPartition(query, { exact: true, ...conditions });
    if (best.ids.length === 0) continue;
    expect(Math.abs(sum.logPartition - exactly.logPartition), name).toBeLessThan(2 ** -20);
    const estimated = await parted.logPartition(query, { scan: 5, draws: 20, seed: 1, ...conditions });
    for (const { lower, upper } of [sum, estimated]) {
      expect(lower).toBeLessThanOrEqual(exactly.logPartition + 2 ** -20); // which is rounded itself
      expect(upper).toBeGreaterThanOrEqual(exactly.logPartition - 2 ** -20);
    }
    const predicted = await parted.predict(query, 9, { exact: true, ...conditions });
    const one = whole.predict(query, 9, { exact: true, ...conditions });
    expect(predicted.ids).toEqual(one.ids);
    for (const [i, p] of one.probabilities.entries()) expect(predicted.probabilities[i]).toBeCloseTo(p, 6);
    const { logProbabilities } = await parted.logProbability(query, ids, { exact: true, ...conditions });
    for (const [id, log] of whole
      .logProbability(query, ids, { exact: true, ...conditions })
      .logProbabilities.entries()) {
      if (log === Number.NEGATIVE_INFINITY) expect(logProbabilities[id]).toBe(log);
      else expect(Math.abs((logProbabilities[id] as number) - log)).toBeLessThan(2 ** -19);
    }
    for (const mixture of [undefined, { uniform: 0.3 }]) {
      const options = { scan: 4, ...(mixture && { mixture }), ...conditions };
      const logQ = await parted.logQ(query, ids, options);
      expect(logQ.reduce((total, log) => total + Math.exp(log), 0)).toBeCloseTo(1, 5);
      const allowed = new Set(best.ids);
      for (const [id, log] of logQ.entries()) expect(log > Number.NEGATIVE_INFINITY, `${id}`).toBe(allowed.has(id));
      const drawn = await parted.sample(query, 8, { ...options, seed: 3 });
      expect(drawn.logQ).toEqual(await parted.logQ(query, drawn.ids, options));
    }
    for (const chain of [{ minP: 0.02 }, { topK: 3 }, { topP: 0.8, certain: true }, { temperature: 0 }, {}]) {
      const options = { ...conditions, ...chain, seed: 5 };
      const decoded = await parted.decode(query, options);
      const own = whole.decode(query, options);
      if (Object.keys(chain).length > 0) expect(decoded.id, name).toBe(own.id);
      expect(decoded.kept, `${name}, ${JSON.stringify(chain)}`).toBe(own.kept);
    }
    await compareSamples(parted, whole, conditions, best.ids);
    const spread = await parted.topK(query, 4, { exact: true, diversity: { lambda: 0.5, pool: 12 }, ...conditions });
    expect(spread.ids).toEqual(
      whole.topK(query, 4, { exact: true, diversity: { lambda: 0.5, pool: 12 }, ...conditions }).ids,
    );
  }
  expect(await parted.labels(ids)).toEqual(whole.labels(ids));
  const live = whole.topK(query, itemCount, { exact: true }).ids;
  const names = whole.labels(live);
  expect(await parted.idsOf(names)).toEqual(live);
  expect(await parted.rows(live)).toEqual(whole.rows(live));
  expect(await parted.metadata(live)).toEqual(whole.metadata(live));
  expect(await parted.score(query, ids)).toEqual(whole.score(query, ids));
}

/** Compares samples without replacement, exact draws and slates of the classes that take part, best first. */
async function compareSamples(
  parted: PartedIndex,
  whole: MultiIndex,
  conditions: ConditionOptions,
  best: Int32Array,
): Promise<void> {
  const taking = new Set(best);
  for (const effort of [{ scan: 4 }, { exact: true }]) {
    const { ids: distinct } = await parted.sampleTopK(query, 6, { ...effort, ...conditions, seed: 3 });
    expect(new Set(distinct).size).toBe(Math.min(6, taking.size));
    const { ids: drawn } = await parted.sample(query, 8, { ...effort, ...conditions, seed: 3 });
    for (const id of [...distinct, ...drawn]) expect(taking.has(id), `class ${id}`).toBe(true);
  }
  const others = idsTo(whole.info.itemCount).filter((id) => !taking.has(id));
  const slate = [...Array.from(best.subarray(0, 3)).reverse(), ...others.slice(0, 1)];
  const exact = { ...conditions, exact: true };
  const { logProbabilities } = await parted.slateLogProbability(query, slate, exact);
  for (const [i, log] of whole.slateLogProbability(query, slate, exact).logProbabilities.entries()) {
    const own = logProbabilities[i] as number;
    if (log === Number.NEGATIVE_INFINITY) expect(own).toBe(log);
    else expect(Math.abs(own - log)).toBeLessThan(2 ** -18);
  }
}

describe.each(KINDS)("%s", (kind) => {
  const table = tableOf(kind);
  const hasBias = table.bias !== undefined;

  test("changes over parts give the answers of one index with the same changes, and are restored", async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(GROUPS.length - 1), async (log, place) => {
        const whole = await indexOf(table, idsTo(ITEM_COUNT));
        const groups = GROUPS[place] as number[][];
        const { parted } = await inParts(table, groups);
        for (const set of setsOf(log, hasBias)) {
          expect(applyChanges(parted, set)).toEqual(applyChanges(whole, set));
        }
        await compare(parted, whole);
        const { parted: told } = await inParts(table, groups);
        for (const [i, set] of setsOf(log, hasBias).entries()) {
          applyChanges(told, encodeChanges(told, set, { after: i }));
        }
        const saved = savedChanges(parted);
        expect(savedChanges(told)).toEqual(saved);
        const { upserts, removals, sequence } = readChanges(savedChanges(whole));
        expect(readChanges(saved)).toMatchObject({ upserts, removals, sequence });
        const { parted: restored } = await inParts(table, groups);
        applyChanges(restored, saved);
        expect(savedChanges(restored)).toEqual(saved);
        const asked = { scan: 4, draws: 20, seed: 2 };
        expect(await restored.predict(query, 7, asked)).toEqual(await parted.predict(query, 7, asked));
        expect(await restored.sample(query, 7, { seed: 2 })).toEqual(await parted.sample(query, 7, { seed: 2 }));
      }),
      { numRuns: process.env.MIDX_CHANGES ? 60 : 3, seed: 44 },
    );
  });
});

const small = tableOf("int8 rows, biases");
const LOG: readonly Entry[] = [
  { label: "new 1", seed: 1 },
  { label: "item 3", seed: 2 },
  { label: "item 150" },
  { label: "new 2", seed: 5 },
  { label: "new 3", seed: 6 },
];

describe("of two parts", () => {
  let parted: PartedIndex;
  let indexes: readonly MultiIndex[];
  beforeAll(async () => {
    ({ parted, indexes } = await inParts(small, consecutive([100, 140])));
    applyChanges(parted, setOf(LOG, true));
  });

  test("a new label goes to the part that its hash says, and a label that is known to its own", () => {
    const parts = ["new 1", "new 2", "new 3"].map((label) => Number(xxh64(new TextEncoder().encode(label), 0n) % 2n));
    expect(new Set(parts).size).toBe(2);
    for (const [i, label] of ["new 1", "new 2", "new 3"].entries()) {
      expect(() => indexes[1 - (parts[i] as number)]?.idsOf([label])).toThrow("expected a label of the index");
      expect(indexes[parts[i] as number]?.idsOf([label])[0]).toBeGreaterThanOrEqual(parts[i] === 0 ? 100 : 140);
    }
    expect(indexes[0]?.info.changes).toMatchObject({ sequence: 1, removedCount: 0 });
    expect(indexes[1]?.info.changes).toMatchObject({ sequence: 1, removedCount: 1 });
    expect(parted.info.changes).toMatchObject({
      sequence: 1,
      classCount: 242,
      addedCount: 3,
      removedCount: 1,
      rowCount: 4,
    });
  });

  test.each([{ scan: 0 }, { scan: 512 }, { scan: 6, mixture: { uniform: 0.2 } }])(
    "draws follow log Q, which is the softmax where all is in the head: %o",
    async (options) => {
      const ids = idsTo(parted.info.itemCount);
      const logQ = await parted.logQ(query, ids, options);
      const { logProbabilities } = await parted.logProbability(query, ids, { exact: true });
      if (options.scan === 512) {
        for (const [id, log] of logQ.entries()) {
          if (id === 150) expect(log).toBe(Number.NEGATIVE_INFINITY);
          else expect(Math.abs(log - (logProbabilities[id] as number))).toBeLessThan(1e-4);
        }
      }
      const counts = new Float64Array(ids.length);
      for (let seed = 0; seed < 40; seed++) {
        const drawn = await parted.sample(query, 200, { ...options, seed });
        for (const id of drawn.ids) counts[id] = (counts[id] as number) + 1;
      }
      expect(counts[150]).toBe(0);
      const live = ids.filter((id) => id !== 150);
      const { g, high, low } = goodnessOfFit(
        live.map((id) => counts[id] as number),
        live.map((id) => Math.exp(logQ[id] as number)),
      );
      expect(g).toBeLessThanOrEqual(high);
      expect(g).toBeGreaterThanOrEqual(low);
    },
  );

  test("nothing is applied in any part if one of them refuses", async () => {
    const before = [savedChanges(parted), ...indexes.map((index) => savedChanges(index))];
    const many = Array.from({ length: 90 }, (_, i): Entry => ({ label: `more ${i}`, seed: i + 1 }));
    expect(() => applyChanges(parted, setOf([{ label: "item 4" }, ...many], true))).toThrow(DeltaFullError);
    expect(() => applyChanges(parted, setOf([{ label: "item 4" }, ...many], true))).toThrow(
      /new labels in parts\[[01]\]/,
    );
    expect([savedChanges(parted), ...indexes.map((index) => savedChanges(index))]).toEqual(before);
  });
});

test("classes that come in one set have ids in their order, whatever their parts are", async () => {
  const { parted } = await inParts(small, GROUPS[1] as number[][]);
  const fresh = Array.from("hgfedcba", (letter) => `new ${letter}`);
  applyChanges(
    parted,
    setOf(
      fresh.map((label, i) => ({ label, seed: i + 1 })),
      true,
    ),
  );
  expect(await parted.labels(fresh.map((_, i) => ITEM_COUNT + i))).toEqual(fresh);
});

test("rows may be as large as the largest of all parts allows", async () => {
  const data = small.data.map((value, i) => (i < 100 * DIM ? value : value / 1000));
  const { parted } = await inParts({ ...small, data }, consecutive([100, 140]));
  const { upserts } = setOf([{ label: "item 150", seed: 1 }], true);
  const larger = {
    ...upserts,
    rows: Array.from(upserts?.rows as number[], (value) => 1000 * value),
  } as ChangeSet["upserts"];
  expect(() => applyChanges(parted, { upserts: larger as NonNullable<typeof larger> })).toThrow(
    '"upserts.rows" of row 0, "item 150"',
  );
  expect(applyChanges(parted, { upserts: upserts as NonNullable<typeof upserts> }).upserted).toBe(1);
});

test("parts that take no changes, or not the same, are refused by name", async () => {
  const [one, two] = consecutive([100, 140]) as [number[], number[]];
  const first = await indexOf(small, one);
  const parted = (second: MultiIndex): PartedIndex => new PartedIndex([partOf(first), partOf(second, { number: 1 })]);
  const removal = { removals: ["item 1"] };
  const unlabelled = parted(await indexOf({ ...(TABLES["int8 rows, biases"] as Table), limits: { maxDelta: 4 } }, two));
  expect(() => applyChanges(unlabelled, removal)).toThrow('"parts[1]" expected an index built with "labels"');
  const fixed = parted(await indexOf({ ...small, limits: {} }, two));
  expect(() => applyChanges(fixed, removal)).toThrow('"parts[1]" expected one with room for changes');
  const other = parted(await indexOf({ ...small, options: { ...small.options, rowType: "f16" } }, two));
  expect(() => applyChanges(other, removal)).toThrow('"parts[1]" expected rows {');
  const [inB, inC] = ["b", "c"].map((space) => indexOf({ ...small, options: { ...small.options, space } }, two));
  const spaced = parted((await inB) as MultiIndex);
  expect(spaced.info.space).toBe("b");
  expect(() => applyChanges(spaced, { ...removal, space: "c" })).toThrow(
    '"space" expected "b", the space of the index',
  );
  const clash = [
    partOf((await inB) as MultiIndex),
    partOf(first, { number: 1 }),
    partOf((await inC) as MultiIndex, { number: 2 }),
  ];
  expect(() => new PartedIndex(clash)).toThrow('"parts[2]" expected space "b" as in "parts[0]", got "c"');
  const twice = parted(await indexOf({ ...small, labels: (id) => `item ${id - 100}` }, two));
  expect(() => applyChanges(twice, removal)).toThrow('got "item 1", which "parts[0]" and "parts[1]" have');
  const far = new PartedIndex([new PartedIndex([partOf(first)])]);
  expect(() => applyChanges(far, removal)).toThrow('"parts[0]" expected a part of partOf');
  expect(first.info.changes).toBeUndefined();
  const behind = parted(await indexOf(small, two));
  applyChanges(first, setOf([{ label: "new 1", seed: 1 }], true));
  expect(() => applyChanges(behind, removal)).toThrow(
    '"parts[0]" expected no changes but those of the PartedIndex, got an index with others',
  );
  applyChanges(first, { removals: ["new 1"] });
  await expect(behind.sample(query, 400, { scan: 400 })).resolves.toBeDefined(); // the class is gone
  expect(() => partOf(first)).toThrow('"index" expected one without changes');
});

test("a file of changes follows the last change that the files of the parts have", async () => {
  const matrix = { data: randomRows(40 * 4, 1), shape: [40, 4] } as const;
  const fileOf = (first: number) =>
    build(matrix, { labels: idsTo(40).map((id) => labelOf(first + id)), calibrate: "off", seed: 1 });
  const [one, two] = [await fileOf(0), await fileOf(40)];
  const before = encodeChanges(await load(two), { removals: [labelOf(41)] }, { sequence: 41 });
  const { file } = await compact(two, before);
  const indexes = await Promise.all([one, file].map((bytes) => load(bytes, { maxDelta: 4 })));
  const parted = new PartedIndex(indexes.map((index, number) => partOf(index, { number })));
  const bytes = encodeChanges(parted, { removals: [labelOf(3)] });
  expect(readChanges(bytes)).toMatchObject({ after: 41, sequence: 42 });
  expect(applyChanges(parted, bytes)).toEqual({ sequence: 42, upserted: 0, removed: 1 });
});
