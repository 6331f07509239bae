import { describe, expect, test } from "vitest";
import { open } from "../fixtures/open.ts";
import { smallIndexes } from "../fixtures/small-indexes.ts";
import { storedIndex } from "../fixtures/stored-index.ts";

const indexes = await smallIndexes();

describe("rows", () => {
  test.each(indexes)("are those of the file, by class: $name", async ({ file, itemCount, dim }) => {
    const { index } = await open(file);
    const { ids, rows, rowScales } = storedIndex(file);
    for (const [position, id] of ids.entries()) {
      const scale = rowScales?.[position] ?? 1;
      const values = (rows[position] as readonly number[]).slice(0, dim);
      const expected = Float32Array.from(values, (value) => value * scale);
      expect(index.rows([id])).toEqual(expected);
    }
    const backwards = Array.from({ length: itemCount }, (_, i) => itemCount - 1 - i);
    const all = index.rows(backwards);
    expect(all).toHaveLength(itemCount * dim);
    for (const [i, id] of backwards.entries()) expect(all.subarray(i * dim, (i + 1) * dim)).toEqual(index.rows([id]));
    expect(index.rows([])).toEqual(new Float32Array(0));
  });

  test("are copies, and leave other answers as they were", async () => {
    const { file, queries } = indexes.at(-1) as (typeof indexes)[number];
    const { index } = await open(file);
    const query = queries[0] as Float32Array;
    const before = index.predict(query, 5, { seed: 1 });
    const row = index.rows([3]);
    const kept = row.slice();
    row.fill(7);
    expect(index.rows([3])).toEqual(kept);
    expect(index.predict(query, 5, { seed: 1 })).toEqual(before);
  });

  test("must be of existing classes, of an index that is not disposed", async () => {
    const { file, itemCount } = indexes.at(-1) as (typeof indexes)[number];
    const { index } = await open(file);
    const last = itemCount - 1;
    expect(() => index.rows([0, itemCount])).toThrow(
      new RangeError(`"ids"[1] expected an integer in 0..${last}, got ${itemCount}`),
    );
    expect(() => index.rows([0.5])).toThrow(RangeError);
    expect(() => index.rows("0" as never)).toThrow(new TypeError('"ids" expected an array of integers, got string'));
    index.dispose();
    expect(() => index.rows([0])).toThrow("disposed");
  });
});
