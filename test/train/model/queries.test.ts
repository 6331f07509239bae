import { expect, test } from "vitest";
import { encodeExamples, evaluateModel, train } from "../../../src/train/index.ts";
import { HIDDEN } from "../../../src/train/model/shape.ts";
import { plainQuery } from "./plain.ts";
import { chainExamples } from "./toy.ts";

test.each(HIDDEN)("queries of a model, %s hidden layer, are those of plain sums", async (hidden) => {
  const examples = chainExamples(50, 1, 3);
  const { model } = await train(examples, { dim: 8, hidden, epochs: 2, batchSize: 7 });
  const plain = Object.fromEntries(
    Object.entries(model.tables).map(([name, values]) => [name, Float64Array.from(values)]),
  );
  const found = await encodeExamples(model, examples);
  expect(found.length).toBe(49 * 8);
  for (let row = 0; row < 49; row++) {
    // The tolerance covers the rounding of a sum of a dozen f32 products below 1.
    for (const [d, value] of plainQuery(model.shape, plain, examples, row).entries()) {
      expect(Math.abs((found[row * 8 + d] as number) - value)).toBeLessThan(2e-6);
    }
  }
  const some = await encodeExamples(model, examples, { limit: 2 });
  expect([...some]).toEqual([...found.subarray(0, 8), ...found.subarray(24 * 8, 25 * 8)]);
});

test("evaluateModel is about all rows, or so many", async () => {
  const examples = chainExamples(50, 1);
  const { model } = await train(examples, { dim: 8, epochs: 1 });
  expect(await evaluateModel(model, examples)).toMatchObject({ rowCount: 49, k: 10, recall: 1 });
  expect((await evaluateModel(model, examples, { k: 1, limit: 10 })).rowCount).toBe(10);
  const { classCount } = model.shape;
  const [all, more] = [
    await evaluateModel(model, examples, { k: classCount }),
    await evaluateModel(model, examples, { k: 2 ** 40 }),
  ];
  expect(more).toEqual({ ...all, k: 2 ** 40, precision: expect.closeTo((all.precision * classCount) / 2 ** 40, 15) });
});
