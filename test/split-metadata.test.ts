import { expect, test } from "vitest";
import { applyChanges, splitMetadata } from "../src/changes/index.ts";
import { load } from "../src/index.ts";
import { build } from "../src/train/index.ts";

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
  [
    "a BigInt",
    [null, { stock: 7n }],
    '"metadata"[1] expected an object of JSON: Do not know how to serialize a BigInt',
  ],
  ["a cycle", [cyclic()], '"metadata"[0] expected an object of JSON: Converting circular structure to JSON'],
  ["a list", [[1]], '"metadata"[0] expected an object or null, got an array'],
])("%s is refused by name", async (_, metadata, message) => {
  const { info } = await twoShoes();
  expect(() => splitMetadata(metadata as never, info.columns)).toThrow(message);
  expect(() => splitMetadata([{ $namespace: "a" }], [])).toThrow('"metadata"[0].$namespace expected an index built');
});
