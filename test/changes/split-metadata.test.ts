import { expect, test } from "vitest";
import { applyChanges, encodeLoggedSet, splitMetadata } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";

const columns = {
  price: { type: "number", values: [1, 2] },
  "shop.city": { type: "string", values: ["Rome", null] },
} as const;

async function twoShoes() {
  const table = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] } as const;
  const options = { columns, namespaces: ["a", "b"], labels: ["one", "two"], calibrate: "off" } as const;
  return load(await build(table, options), { maxDelta: 4 });
}

test("metadata are the values of columns, and what lies beside", async () => {
  const index = await twoShoes();
  const metadata = [
    { price: 12, shop: { city: "Oslo" }, page: "Shoes", $namespace: "c" },
    null,
    { "shop.city": "Bern" },
  ];
  const { beside, ...values } = splitMetadata(metadata, index.info.columns);
  expect(beside).toEqual(['{"shop":{"city":"Oslo"},"page":"Shoes"}', undefined, undefined]);
  applyChanges(index, { upserts: { labels: ["new", "one", "two"], rows: [1, 1, 1, 0, 0, 1], ...values } });
  expect(index.metadata(index.idsOf(["new", "one", "two"]))).toEqual([
    { price: 12, "shop.city": "Oslo", $namespace: "c" },
    { price: 1, "shop.city": "Rome", $namespace: "a" },
    { "shop.city": "Bern" },
  ]);
  expect(splitMetadata([{ page: 1 }], undefined)).toEqual({ columns: {}, beside: ['{"page":1}'] });
});

function cyclic(): object {
  const object: Record<string, unknown> = {};
  object.self = object;
  return object;
}

test.each<[string, unknown[], string]>([
  ["a text for a number", [null, { price: "12" }], '"metadata"[1].price expected a number or null, got "12"'],
  ["too much", [{ page: "é".repeat(5_200) }], '"metadata"[0] expected at most 10240 bytes of JSON, got 10411'],
  ["a BigInt", [null, { stock: 7n }], '"metadata"[1] expected an object of JSON, got 7n as "stock": write it as text'],
  ["a cycle", [cyclic()], '"metadata"[0] expected an object of JSON: Converting circular structure to JSON'],
  ["a list", [[1]], '"metadata"[0] expected an object or null, got an array'],
])("%s is refused by name", async (_, metadata, message) => {
  const { info } = await twoShoes();
  expect(() => splitMetadata(metadata as never, info.columns)).toThrow(message);
  expect(() => splitMetadata([{ $namespace: "a" }], [])).toThrow('"metadata"[0].$namespace expected an index built');
});

class Price {
  readonly cents = 1200;
}

test.each<[string, unknown, string]>([
  ["a Date", new Date(0), "Date"],
  ["a Map", new Map([["a", 1]]), "Map"],
  ["a Set", new Set(["red"]), "Set"],
  ["an instance of a class", new Price(), "Price"],
  ["bytes", Uint8Array.of(1), "Uint8Array"],
  ["NaN", Number.NaN, "NaN"],
  ["an infinity", Number.POSITIVE_INFINITY, "Infinity"],
  ["a function", () => 1, "a function"],
])("%s in metadata is refused by name, not changed", (_, value, got) => {
  const upserts = { labels: ["old", "new"], rows: [1, 2] };
  for (const [metadata, name] of [
    [{ since: value }, "since"],
    [{ facts: { since: value } }, "since"],
    [{ facts: [1, value] }, "1"],
  ] as const) {
    const refused = `expected an object of JSON, got ${got} as "${name}": write it as text, or leave it out`;
    expect(() => splitMetadata([null, metadata], [])).toThrow(new TypeError(`"metadata"[1] ${refused}`));
    expect(() => encodeLoggedSet({ upserts: { ...upserts, metadata: [null, metadata] } })).toThrow(
      new TypeError(`"upserts.metadata"[1] ${refused}`),
    );
  }
});

test.each<[string, unknown]>([
  ["Date", new Date(0)],
  ["Map", new Map([["a", 1]])],
  ["Price", new Price()],
])("metadata that are a %s are refused", (kind, metadata) => {
  const upserts = { labels: ["old", "new"], rows: [1, 2], metadata: [null, metadata as never] };
  const refused = new RegExp(`\\[1\\] expected an object.*, got ${kind}`);
  expect(() => splitMetadata([null, metadata as never], [])).toThrow(refused);
  expect(() => encodeLoggedSet({ upserts })).toThrow(refused);
});

test("metadata keep what JSON has, and leave out what is undefined", () => {
  const bare = Object.assign(Object.create(null), { page: 1 });
  const metadata = [{ a: [null, true, "x", { b: -0.5 }], gone: undefined, constructor: "kept" }, bare];
  expect(splitMetadata(metadata, []).beside).toEqual([
    '{"a":[null,true,"x",{"b":-0.5}],"constructor":"kept"}',
    '{"page":1}',
  ]);
});
