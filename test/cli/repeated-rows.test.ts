import { expect, test, vi } from "vitest";
import { RepeatedRows } from "../../src/cli/evaluating/repeated-rows.ts";
import { load } from "../../src/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

test("of a part among many, whose rows may all count, few are held at a time, and those with the most copies", async () => {
  const [itemCount, dim, copies] = [102_000, 2, 40];
  const data = randomRows(itemCount * dim, 1);
  for (let i = 0; i < copies; i++) data.copyWithin(dim * 1000 * (i + 1), 0, dim);
  const file = await buildIndex({ data, shape: [itemCount, dim] }, { bits: 2, rowType: "f32", calibrate: "off" });
  const index = await load(file);
  let largest = 0;
  const { set } = Map.prototype;
  const setting = vi.spyOn(Map.prototype, "set").mockImplementation(function (this: Map<unknown, unknown>, ...entry) {
    set.apply(this, entry);
    largest = Math.max(largest, this.size);
    return this;
  });
  const repeated = new RepeatedRows(128);
  repeated.add(index);
  setting.mockRestore();
  expect(repeated.most()).toEqual({ copies: copies + 1, isZero: false });
  expect(largest).toBeLessThan(100_100);
});
