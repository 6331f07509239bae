import { expect, test } from "vitest";
import { train } from "../../examples/tfjs.js";

test("a model of TensorFlow.js learns with the draws of a sampler", async () => {
  const losses = await train(150);
  expect(losses).toHaveLength(4);
  expect(losses[0]).toBeCloseTo(Math.log(500), 0);
  expect(losses[3]).toBeLessThan((losses[0] as number) - 1.5);
}, 60_000);
