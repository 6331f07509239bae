import { expect, test } from "vitest";
import { rateShare } from "../../../src/train/sequences/schedule.ts";

test("a warm-up rises evenly to the whole rate, which then stays", () => {
  const shares = [0, 1, 2, 3, 4, 100].map((step) => rateShare({ schedule: "constant", warmup: 4, steps: 8 }, step));
  expect(shares).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
});

test("half a cosine falls from the whole rate to 0 in the steps after the warm-up", () => {
  for (let step = 10; step <= 110; step++) {
    const share = rateShare({ schedule: "cosine", warmup: 10, steps: 110 }, step);
    expect(Math.abs(share - (1 + Math.cos((Math.PI * (step - 10)) / 100)) / 2)).toBeLessThan(1e-15);
  }
  expect(rateShare({ schedule: "cosine", warmup: 0, steps: 0 }, 0)).toBe(1);
});
