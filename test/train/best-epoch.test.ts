import { describe, expect, test } from "vitest";
import { isOver } from "../../src/train/model/best-epoch.ts";
import type { EpochReport } from "../../src/train/model/train-options.ts";

const history = (...losses: (number | undefined)[]): EpochReport[] =>
  losses.map((heldOutLoss) => (heldOutLoss === undefined ? {} : { heldOutLoss }) as EpochReport);

describe("a training with patience", () => {
  test("is over once so many epochs were not better than those before", () => {
    expect(isOver(history(3, 2, 2.5, 2.1), 2)).toBe(true);
    expect(isOver(history(3, 2, 2.5, 1.9), 2)).toBe(false);
    expect(isOver(history(3, 2), 2)).toBe(false);
  });

  test("that goes on from epochs without held-out data is not over before it has figures to compare", () => {
    expect(isOver(history(undefined, undefined, undefined), 2)).toBe(false);
    expect(isOver(history(undefined, undefined, undefined, 3), 2)).toBe(false);
    expect(isOver(history(undefined, 3, 4, 5), 2)).toBe(true);
  });
});
