import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import { decodeLoggedSet, encodeLoggedSet, type SetToLog } from "../../src/changes/index.ts";

const SETS: Readonly<Record<string, SetToLog>> = {
  nothing: {},
  removals: { removals: ["sold out", "", "sold out"] },
  "rows of two classes": { upserts: { labels: ["a", "é"], rows: [1, -2, 0.1, 4, 5, 6] } },
  everything: {
    upserts: {
      labels: ["a", "b", "a"],
      rows: Float32Array.of(1, 2, 3, 4, 5, 6),
      biases: [0.5, 1, -1],
      metadata: [{ text: "old" }, null, { text: 'new "\u{1f45f}"', $namespace: "shoes", tags: [1, { deep: true }] }],
    },
    removals: ["c"],
    space: "words-2",
  },
};

test("a set is read as it was written, the last row of each label", () => {
  const { upserts, removals, space } = decodeLoggedSet(encodeLoggedSet(SETS.everything as SetToLog));
  expect(upserts).toEqual({
    labels: ["a", "b"],
    rows: Float32Array.of(5, 6, 3, 4),
    biases: Float32Array.of(-1, 1),
    metadata: [{ text: 'new "\u{1f45f}"', $namespace: "shoes", tags: [1, { deep: true }] }, null],
  });
  expect([removals, space]).toEqual([["c"], "words-2"]);
  expect(decodeLoggedSet(encodeLoggedSet({}))).toEqual({ removals: [] });
});

test("a label that comes again keeps the metadata that its last row leaves open, as with separate sets", () => {
  const rows = [1, 2, 3];
  const kept = (metadata: readonly ({ readonly page: string } | null)[]) =>
    decodeLoggedSet(encodeLoggedSet({ upserts: { labels: ["a", "b", "a"], rows, metadata } })).upserts?.metadata;
  expect(kept([{ page: "one" }, null, null])).toEqual([{ page: "one" }, null]);
  expect(kept([{ page: "one" }, { page: "two" }, null])).toEqual([{ page: "one" }, { page: "two" }]);
  expect(kept([{ page: "one" }, null, { page: "three" }])).toEqual([{ page: "three" }, null]);
});

describe.each(Object.entries(SETS))("%s", (_, set) => {
  const bytes = encodeLoggedSet(set);

  test("has one form", () => {
    expect(encodeLoggedSet(decodeLoggedSet(bytes))).toEqual(bytes);
  });

  test("is refused with any byte changed, cut short or made longer", () => {
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      expect(() => decodeLoggedSet(damaged), `byte ${at}`).toThrow(FormatError);
      expect(() => decodeLoggedSet(bytes.subarray(0, at)), `${at} bytes`).toThrow(FormatError);
    }
    expect(() => decodeLoggedSet(Uint8Array.of(...bytes, 0))).toThrow(FormatError);
  });
});

/** Writes a header and values with a good checksum, as somebody would who means harm. */
async function forged(header: string, values: readonly number[] = []): Promise<Uint8Array> {
  const { xxh64 } = await import("../../src/arithmetic/xxh64.ts");
  const json = new TextEncoder().encode(header);
  const at = Math.ceil((12 + json.length) / 4) * 4;
  const bytes = new Uint8Array(at + 4 * values.length + 8);
  bytes.set(new TextEncoder().encode("midxset1"));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, json.length, true);
  bytes.set(json, 12);
  for (const [i, value] of values.entries()) view.setFloat32(at + 4 * i, value, true);
  view.setBigUint64(bytes.length - 8, xxh64(bytes.subarray(0, -8), 0n), true);
  return bytes;
}

const GOOD = '{"dim":2,"labels":["a"],"removals":["b"]}';
const FORGED: Readonly<Record<string, readonly [string, readonly number[], string]>> = {
  "no JSON": ["{", [], "header-json"],
  "a list": ["[]", [], "metadata-value"],
  "fields in another order": ['{"labels":["a"],"dim":2,"removals":[]}', [1, 2], "metadata-value"],
  "an unknown field": ['{"dim":0,"labels":[],"removals":[],"x":1}', [], "metadata-value"],
  "a dimension of half a value": ['{"dim":1.5,"labels":["a"],"removals":[]}', [1, 2], "metadata-value"],
  "a huge dimension": ['{"dim":1e9,"labels":["a"],"removals":[]}', [1, 2], "metadata-value"],
  "a dimension without labels": ['{"dim":2,"labels":[],"removals":[]}', [], "metadata-value"],
  "a label twice": ['{"dim":1,"labels":["a","a"],"removals":[]}', [1, 2], "metadata-value"],
  "half a character": ['{"dim":1,"labels":["\\ud800"],"removals":[]}', [1], "metadata-value"],
  "an upsert that is removed": ['{"dim":1,"labels":["a"],"removals":["a"]}', [1], "metadata-value"],
  "metadata that are texts": ['{"dim":1,"labels":["a"],"metadata":["x"],"removals":[]}', [1], "metadata-value"],
  "a space with a blank": ['{"dim":0,"labels":[],"removals":[],"space":"a b"}', [], "metadata-value"],
  "too few values": [GOOD, [1], "tensor-size"],
  "too many values": [GOOD, [1, 2, 3], "tensor-size"],
  "a value that is none": [GOOD, [1, Number.NaN], "tensor-value"],
  "white space": ['{ "dim":0,"labels":[],"removals":[]}', [], "header-canonical"],
};

test("a good forgery is read", async () => {
  expect(decodeLoggedSet(await forged(GOOD, [1, 2])).removals).toEqual(["b"]);
});

test.each(Object.keys(FORGED))("%s is refused, whatever the checksum", async (name) => {
  const [header, values, code] = FORGED[name] as (typeof FORGED)[string];
  const bytes = await forged(header, values);
  expect(() => decodeLoggedSet(bytes)).toThrow(expect.objectContaining({ name: "FormatError", code }));
});

test.each<readonly [string, unknown, string]>([
  ["a label that is no text", { upserts: { labels: [7], rows: [1] } }, '"labels[0]" of changes expected Unicode text'],
  ["a row cut short", { upserts: { labels: ["a", "b"], rows: [1, 2, 3] } }, '"upserts.rows" expected'],
  ["no values", { upserts: { labels: ["a"], rows: [] } }, '"upserts.rows" expected'],
  ["a NaN", { upserts: { labels: ["a"], rows: [Number.NaN] } }, '"upserts.rows"[0] expected a finite number'],
  ["too few biases", { upserts: { labels: ["a"], rows: [1], biases: [] } }, '"upserts.biases" expected 1'],
  ["both", { upserts: { labels: ["a"], rows: [1] }, removals: ["a"] }, '"removals" of changes expected none'],
  ["removals that are no list", { removals: "a" }, '"removals" expected an array of strings'],
  ["an unknown field", { removal: [] }, '"removal" is not an option'],
])("%s is refused by name", (_, set, message) => {
  expect(() => encodeLoggedSet(set as SetToLog)).toThrow(message);
});
