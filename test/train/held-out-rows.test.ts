import { expect, it } from "vitest";
import { tableOf } from "../../src/train/rows/row-table.ts";
import { heldOutRows } from "../../src/train/stand-ins/held-out-rows.ts";

const data = Float32Array.from({ length: 10 * 3 }, (_, i) => i);

it("takes evenly spaced rows with their classes", async () => {
  const { queries, ids } = await heldOutRows(tableOf({ data, shape: [10, 3] }), 4);
  expect(ids).toEqual(Int32Array.of(1, 3, 6, 8));
  expect(Array.from(ids, (_, i) => Array.from(queries.subarray(3 * i, 3 * i + 3)))).toEqual(
    Array.from(ids, (id) => [3 * id, 3 * id + 1, 3 * id + 2]),
  );
});

it("takes rows again where a table has fewer than are asked for", async () => {
  const { ids } = await heldOutRows(tableOf({ data, shape: [10, 3] }), 25);
  expect(ids.length).toBe(25);
  expect(new Set(ids)).toEqual(new Set(Array.from({ length: 10 }, (_, id) => id)));
});
