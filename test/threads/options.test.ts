import { describe, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { threads } from "../../src/threads/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

const [N, DIM] = [40_000, 16];
const building = buildIndex({ data: randomRows(N * DIM, 1), shape: [N, DIM] }, { bits: 4, seed: 1, rowType: "f32" });
const query = randomRows(DIM, 2);

test("load takes threads, which answer as it does without them", async () => {
  const file = await building;
  const [alone, together] = [await load(file), await load(file, { threads: threads(3), simd: "base" })];
  const ask = (index: typeof alone) => index.predict(query, 10, { exact: true, seed: 1 });
  expect(ask(together)).toEqual(ask(alone));
  together.dispose();
  expect(() => ask(together)).toThrow("the index has been disposed of");
});

test("labels are read from a shared memory", async () => {
  const labels = ["é", "b", "日本"];
  const file = await buildIndex({ data: randomRows(3 * 4, 1), shape: [3, 4] }, { bits: 1, seed: 1, labels });
  const index = await load(file, { threads: threads(2) });
  expect(index.labels([0, 1, 2])).toEqual(labels);
  index.dispose();
});

test("the same threads(n) serves several indexes, each with threads of its own", async () => {
  const file = await building;
  const option = threads(2);
  const [first, second] = [await load(file, { threads: option }), await load(file, { threads: option })];
  first.dispose();
  expect(second.topK(query, 1, { exact: true }).ids).toHaveLength(1);
  second.dispose();
});

describe("refused", () => {
  test.each([0, -1, 1.5, 65, Number.NaN, "2" as never])("threads(%s)", (count) => {
    expect(() => threads(count)).toThrow(/^"count" expected an integer from 1 to 64, got /);
  });

  test.each([4, true, {}, null])("threads: %s", async (given) => {
    await expect(load(await building, { threads: given as never })).rejects.toThrow(
      /^"threads" expected threads\(n\) of midx\/threads, got /,
    );
  });

  test("threads beside kernels that are compiled already", async () => {
    const modules = { query: {}, exact: {}, scan: {} };
    const loading = load(await building, { threads: threads(2), modules });
    await expect(loading).rejects.toThrow('"modules" contradicts "threads"');
  });

  test("a file that is damaged, before any thread starts", async () => {
    await expect(load(new Uint8Array(99), { threads: threads(2) })).rejects.toThrow(/^a header of 0 bytes/);
  });

  test("an index that is too large for maxBytes", async () => {
    await expect(load(await building, { threads: threads(2), maxBytes: 2 ** 20 })).rejects.toThrow(/maxBytes/);
  });
});
