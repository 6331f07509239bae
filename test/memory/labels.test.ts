import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

/**
 * The names include an empty one, one that another begins with, names that UTF-16 orders differently than their bytes,
 * and names that look alike.
 */
const NAMES = ["b", "", "a", "ab", "\u{1f600}", "\ufffd", "\ue000", "é", "e\u0301", "\ufeffa", "\0", "7", " 7", "日本"];

const openLabelled = async (labels: readonly string[]) =>
  (await open(indexFile(tinyIndex({ itemCount: labels.length, dim: 3, bits: 1, labels })))).index;

describe("labels", () => {
  test("come back by class, and classes by label", async () => {
    const index = await openLabelled(NAMES);
    expect(index.info.hasLabels).toBe(true);
    expect(index.labels([...NAMES.keys()])).toEqual(NAMES);
    expect(index.labels([3, 3, 0])).toEqual(["ab", "ab", "b"]);
    expect(Array.from(index.idsOf(NAMES))).toEqual([...NAMES.keys()]);
    expect(index.idsOf([])).toEqual(new Int32Array(0));
    const { ids } = index.topK([1, 2, 3], 5);
    expect(index.idsOf(index.labels(ids))).toEqual(ids);
  });

  test("come back for any text", async () => {
    const texts = fc.uniqueArray(fc.string({ unit: "binary", maxLength: 5 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(texts, async (labels) => {
        const index = await openLabelled(labels);
        expect(index.labels([...labels.keys()])).toEqual(labels);
        expect(Array.from(index.idsOf(labels))).toEqual([...labels.keys()]);
      }),
      { numRuns: EVERY ? 50 : 20 },
    );
  });

  test.each(["c", "aa", "A", "\u{1f601}", "b\0", "日", "\ud83d", "\ude00"])(
    "name the one that is no class's: %j",
    async (label) => {
      const index = await openLabelled(NAMES);
      expect(() => index.idsOf(["a", label])).toThrow(
        new RangeError(`"labels"[1] expected a label of the index, got ${JSON.stringify(label)}`),
      );
    },
  );

  test("must be strings, of existing classes, of an index with labels that is not disposed", async () => {
    const index = await openLabelled(NAMES);
    expect(() => index.idsOf([3 as never])).toThrow(new TypeError('"labels"[0] expected a string, got number'));
    expect(() => index.idsOf("a" as never)).toThrow(new TypeError('"labels" expected an array of strings, got string'));
    expect(() => index.labels([14])).toThrow(new RangeError('"ids"[0] expected an integer in 0..13, got 14'));
    const without = (await open(indexFile(tinyIndex({ itemCount: 4, dim: 3, bits: 1 })))).index;
    const message = '"labels" expected an index built with "labels", got one without';
    expect(() => without.labels([0])).toThrow(new RangeError(message));
    expect(() => without.idsOf(["a"])).toThrow(new RangeError(message));
    index.dispose();
    expect(() => index.labels([0])).toThrow("disposed");
    expect(() => index.idsOf(["a"])).toThrow("disposed");
  });
});

describe("a build with labels", () => {
  const matrix = (count: number) => ({ data: randomRows(count * 4, 1), shape: [count, 4] as const });

  test("stores them and changes nothing more", async () => {
    const plain = (await open(await buildIndex(matrix(14), { seed: 1 }))).index;
    const labelled = (await open(await buildIndex(matrix(14), { seed: 1, labels: NAMES }))).index;
    expect(labelled.labels([...NAMES.keys()])).toEqual(NAMES);
    expect(plain.info.hasLabels).toBe(false);
    const query = [0.5, -1, 2, 0.1];
    expect(labelled.predict(query, 14, { seed: 3 })).toEqual(plain.predict(query, 14, { seed: 3 }));
  });

  test("without classes stores none", async () => {
    const { index } = await open(await buildIndex(matrix(0), { labels: [] }));
    expect([index.info.hasLabels, index.labels([])]).toEqual([true, []]);
  });

  test.each([
    [["a", "b"], '"labels" expected 3 labels, got 2'],
    [["a", "b", "a"], '"labels"[2] expected a label other than that of "labels"[0], got "a"'],
    [["x", "", ""], '"labels"[2] expected a label other than that of "labels"[1], got ""'],
    [["a", "b", "\ud83d"], '"labels"[2] expected Unicode text, got an unpaired surrogate'],
    [["a", 5, "b"], '"labels"[1] expected a string, got number'],
    ["abc", '"labels" expected an array of strings'],
  ])("refuses %j", async (labels, message) => {
    await expect(buildIndex(matrix(3), { labels: labels as string[] })).rejects.toThrow(message);
  });
});
