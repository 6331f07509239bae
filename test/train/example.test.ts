import { expect, test } from "vitest";

test("the example learns: the full softmax's loss falls from that of equal classes to less than a third", async () => {
  const { losses } = (await import("../../examples/sampled-softmax.js")) as { losses: number[] };
  expect(losses[0]).toBeCloseTo(Math.log(500), 0);
  expect(losses.at(-1)).toBeLessThan(Math.log(500) / 3);
});
