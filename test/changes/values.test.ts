import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import { ChangedClasses } from "../../src/changes/changed-classes.ts";
import { textOfValues, valuesInText } from "../../src/changes/class-values.ts";
import { applyChanges, type ChangeSet, encodeChanges, readChanges, savedChanges } from "../../src/changes/index.ts";
import { type Filter, load, type MultiIndex } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { COLUMNS, columnsOf, filters, passes, type Row, rows } from "../fixtures/columns-model.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

// Upserts with values in columns against a plain filter over objects.

const [COUNT, DIM] = [40, 4];
const labels = Array.from({ length: COUNT }, (_, i) => `item ${i}`);
const NAMES = Object.keys(COLUMNS);
const OPTIONS = { labels, calibrate: "off", seed: 1 } as const;
const table = { data: randomRows(COUNT * DIM, 3), shape: [COUNT, DIM] } as const;

let base: readonly Row[];
let file: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  [base] = fc.sample(rows(COUNT), { numRuns: 1, seed: 5 }) as [Row[]];
  const namespaces = labels.map((_, i) => (i % 3 === 0 ? null : `shop ${i % 3}`));
  file = await build(table, { ...OPTIONS, columns: columnsOf(base), namespaces, space: "model-1" });
});

/** One change of a log: a removal, or a row with what it says about each column. Undefined says nothing. */
interface Entry {
  readonly label: string;
  readonly isRemoval: boolean;
  readonly row: Row;
  /** The columns that it says nothing about. */
  readonly open: readonly string[];
  readonly seed: number;
}

const entries: fc.Arbitrary<Entry[]> = fc.array(
  fc.record({
    label: fc.constantFrom("item 1", "item 2", "item 3", "item 4", "new 1", "new 2", "new 3"),
    isRemoval: fc.boolean(),
    row: rows(1).map(([row]) => row as Row),
    open: fc.subarray(NAMES),
    seed: fc.nat(1e6),
  }),
  { maxLength: 12 },
);

/** What an entry says about a column. A value that the row of the model lacks is no value. */
const saidBy = ({ row, open }: Entry, name: string) =>
  open.includes(name) ? undefined : ((Object.hasOwn(row, name) ? row[name] : undefined) ?? null);

function setOf(part: readonly Entry[]): ChangeSet {
  const upserts = part.filter(({ isRemoval }) => !isRemoval);
  return {
    upserts: {
      labels: upserts.map(({ label }) => label),
      rows: upserts.flatMap(({ seed }) => Array.from(randomRows(DIM, seed))),
      columns: Object.fromEntries(NAMES.map((name) => [name, upserts.map((entry) => saidBy(entry, name))])),
    },
    removals: part.flatMap(({ label, isRemoval }) => (isRemoval ? [label] : [])),
  };
}

/** Splits a log where it says, and where a label would be in upserts and removals of one set. */
function setsOf(log: readonly Entry[], cuts: readonly number[]): ChangeSet[] {
  const sets: Entry[][] = [[]];
  for (const [i, entry] of log.entries()) {
    const isMixed = sets.at(-1)?.some(({ label, isRemoval }) => label === entry.label && isRemoval !== entry.isRemoval);
    if (isMixed || cuts.includes(i)) sets.push([]);
    sets.at(-1)?.push(entry);
  }
  return sets.map(setOf);
}

/** The values of the classes that a log leaves, without those that are none. */
function modelOf(log: readonly Entry[]): Map<string, Row> {
  const live = new Map(labels.map((label, i) => [label, base[i] as Row]));
  for (const entry of log) {
    const before = live.get(entry.label) ?? {}; // a removed class has no values when it comes back
    if (entry.isRemoval) live.delete(entry.label);
    else {
      const said = NAMES.map((name) => [
        name,
        saidBy(entry, name) === undefined ? own(before, name) : saidBy(entry, name),
      ]);
      live.set(entry.label, Object.fromEntries(said));
    }
  }
  return live;
}

const own = (row: Row, name: string) => (Object.hasOwn(row, name) ? row[name] : undefined);
const valuesIn = (row: Row) =>
  Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = own(row, name);
      return value === null || value === undefined || Number.isNaN(value) ? [] : [[name, value === 0 ? 0 : value]];
    }),
  );

const changed = async (sets: readonly (ChangeSet | Uint8Array)[]): Promise<MultiIndex> => {
  const index = await load(file, { maxDelta: 20 });
  for (const set of sets) applyChanges(index, set);
  return index;
};

const query = Float32Array.of(1, -1, 0.5, 2);

test("classes pass filters by the values that changes give them, however these were split, saved and loaded", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(fc.nat(11)),
      fc.array(filters, { minLength: 1, maxLength: 3 }),
      async (log, cuts, asked) => {
        const index = await changed(setsOf(log, cuts));
        const whole = await changed(setsOf(log, []));
        const saved = savedChanges(index);
        const restored = await changed([saved]);
        expect(savedChanges(restored)).toEqual(saved);
        const live = modelOf(log);
        const names = [...live.keys()];
        for (const one of [index, whole, restored]) {
          const stated = one.metadata(one.idsOf(names)).map(({ $namespace: _, ...values }) => values);
          expect(stated).toEqual(names.map((name) => valuesIn(live.get(name) as Row)));
        }
        for (const filter of asked) {
          const passing = names.filter((name) => passes(live.get(name) as Row, filter));
          const { ids } = index.topK(query, COUNT + 9, { filter, exact: true });
          expect(index.labels(ids).toSorted()).toEqual(passing.toSorted());
          if (passing.length === 0) continue;
          const answers = (one: MultiIndex) => [
            one.predict(query, 5, { filter, scan: 4, draws: 8, seed: 1 }),
            one.sample(query, 6, { filter, scan: 0, seed: 2 }),
            one.logQ(query, one.idsOf(names), { filter, scan: 3 }),
          ];
          const [predicted, drawn, logQ] = answers(index);
          expect(answers(whole)).toEqual([predicted, drawn, logQ]);
          expect(answers(restored)).toEqual([predicted, drawn, logQ]);
          const sum = (logQ as Float32Array).reduce((total, log) => total + Math.exp(log), 0);
          expect(sum).toBeCloseTo(1, 5);
          const allow = index.idsOf(passing);
          expect(index.predict(query, 5, { filter, exact: true }).probabilities).toEqual(
            index.predict(query, 5, { allow, exact: true }).probabilities,
          );
          expect(index.topK(query, 9, { allow: index.idsOf(names), filter, exact: true }).ids).toEqual(ids.slice(0, 9));
        }
      },
    ),
    { numRuns: EVERY ? 40 : 15, seed: 33 },
  );
});

const one = (fields: object): ChangeSet => ({ upserts: { labels: ["item 1"], rows: [1, 0, 0, 0], ...fields } });
const valuesOf = (index: MultiIndex) => index.metadata(index.idsOf(["item 1"]))[0];

test("a value stays until another is given or the class is removed, also one of the file", async () => {
  const index = await changed([one({ columns: { price: [12], stock: [null] }, namespaces: ["mine"] })]);
  const [first] = index.metadata(Int32Array.of(1));
  expect(valuesOf(index)).toEqual(first);
  expect(first).toMatchObject({ price: 12, $namespace: "mine" });
  expect(first).not.toHaveProperty("stock");
  applyChanges(index, one({ columns: { price: [undefined], stock: [true] } }));
  expect(valuesOf(index)).toMatchObject({ price: 12, stock: true, $namespace: "mine" });
  const mine: Filter = { price: { $gt: 11, $lt: 13 }, stock: true };
  expect(index.labels(index.topK(query, 3, { filter: mine, namespace: "mine" }).ids)).toEqual(["item 1"]);
  applyChanges(index, { removals: ["item 1"] });
  expect(index.topK(query, 3, { namespace: "mine" }).ids.length).toBe(0);
  applyChanges(index, one({}));
  expect(valuesOf(index)).toEqual({});
});

test("a filter is made into a test of values once, and not again for each row that changes have given values", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `new ${i}`);
  const rows = randomRows(names.length * DIM, 7);
  const columns = { price: names.map((_, i) => i), stock: names.map((_, i) => i % 2 === 0) };
  const index = await changed([{ upserts: { labels: names, rows, columns } }]);
  const made = vi.spyOn(ChangedClasses.prototype, "testOf");
  const filter: Filter = { price: { $gte: 5, $lt: 9 }, stock: { $ne: true } };
  for (let seed = 0; seed < 3; seed++) index.predict(query, 3, { filter, seed });
  expect(made).toHaveBeenCalledTimes(Object.keys(filter).length);
  made.mockRestore();
});

test("a label that comes again in a set keeps what its last row leaves open", async () => {
  const twice = { labels: ["new", "new"], rows: [1, 0, 0, 0, 2, 0, 0, 0] };
  const index = await changed([{ upserts: { ...twice, columns: { price: [1, undefined], stock: [true, false] } } }]);
  expect(index.metadata(index.idsOf(["new"]))).toEqual([{ price: 1, stock: false }]);
});

const BAD: Record<string, readonly [object, string]> = {
  "an unknown column": [
    { columns: { colour: ["red"] } },
    '"upserts.columns" expected columns of the index: "7", "shop.category", ',
  ],
  "the namespace as a column": [{ columns: { $namespace: ["a"] } }, '"upserts.columns" expected columns of the index'],
  "another type": [{ columns: { price: ["12"] } }, '"upserts.columns.price"[0] expected a number or null, got "12"'],
  "too many values": [
    { columns: { price: [1, 2] } },
    '"upserts.columns.price" expected 1 values, one for each label, got 2',
  ],
  "a long text": [
    { columns: { "shop.category": ["x".repeat(65)] } },
    '"upserts.columns.shop.category"[0] expected at most 64 bytes',
  ],
  "no finite number": [
    { columns: { price: [Number.POSITIVE_INFINITY] } },
    '"upserts.columns.price"[0] expected a finite number',
  ],
  "a list of columns": [{ columns: [] }, '"upserts.columns" expected an object of columns'],
  "a namespace that is none": [{ namespaces: [7] }, '"upserts.namespaces"[0] expected a string or null, got 7'],
};

test.each(Object.entries(BAD))("%s is refused by name, and nothing is applied", async (_, [fields, message]) => {
  const index = await changed([]);
  expect(() => applyChanges(index, one(fields))).toThrow(message);
  expect(index.info.changes).toBeUndefined();
});

test("an index without columns takes no values", async () => {
  const plain = await load(await build(table, OPTIONS), { maxDelta: 4 });
  expect(() => applyChanges(plain, one({ columns: { price: [1] } }))).toThrow("expected an index built with columns");
  expect(() => applyChanges(plain, one({ namespaces: ["a"] }))).toThrow('"upserts.namespaces" expected an index built');
});

test("changes of another space are refused by its name, and where either has none nothing is compared", async () => {
  const index = await changed([{ ...one({}), space: "model-1" }, one({})]);
  expect(index.info.space).toBe("model-1");
  for (const refuse of [applyChanges, encodeChanges]) {
    expect(() => refuse(index, { ...one({}), space: "model-2" })).toThrow(
      '"space" expected "model-1", the space of the index, got "model-2"',
    );
    expect(() => refuse(index, { ...one({}), space: "a b" })).toThrow('"space" expected 1 to 64 letters');
  }
  expect(readChanges(savedChanges(index)).space).toBe("model-1");
  const plain = await load(await build(table, OPTIONS), { maxDelta: 4 });
  expect(plain.info).not.toHaveProperty("space");
  expect(readChanges(encodeChanges(plain, { ...one({}), space: "model-2" })).space).toBe("model-2");
  await expect(build(table, { ...OPTIONS, space: "a b" })).rejects.toThrow('"space" expected 1 to 64 letters');
});

test("a file of changes says its columns, has one form, and is version 1.0 where it says nothing new", async () => {
  const index = await changed([]);
  const plain = encodeChanges(index, one({}));
  expect(new TextDecoder().decode(plain)).toContain('"formatVersion":"1.0"');
  expect(readChanges(plain)).not.toHaveProperty("columns");
  const bytes = encodeChanges(index, one({ columns: { price: [12] } }));
  expect(readChanges(bytes).columns).toEqual(index.info.columns?.map(({ name }) => name));
  const text = new TextDecoder("latin1").decode(bytes);
  expect(text).toContain('"formatVersion":"1.1"');
  expect(text).toContain("12");
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ 4;
    expect(() => readChanges(damaged)).toThrow(FormatError);
  }
});

test.each([
  ["half of a list", '[[1,"a"]'],
  ["too few upserts", "[]"],
  ["no list for an upsert", "[7,[]]"],
  ["too few values", "[[1],[]]"],
  ["another type", '[["1","a"],[]]'],
  ["a number beyond all", '[[1e999,"a"],[]]'],
  ["white space", '[[1, "a"],[]]'],
  ["an upsert in which all stays, written at length", '[[1,"a"],[[],[]]]'],
  ["a list that is not empty for a value that stays", "[[1,[2]],[]]"],
])("values in a file have one form: %s is refused", (_, text) => {
  const declared = [
    { name: "price", type: "number" },
    { name: "kind", type: "string" },
  ] as const;
  const read = (from: string) =>
    valuesInText(from, 2, declared, (expected) => {
      throw new Error(`expected ${expected}`);
    });
  const values = [[1, undefined], undefined];
  expect(read(textOfValues(values))).toEqual(values);
  expect(() => read(text)).toThrow("expected ");
});
