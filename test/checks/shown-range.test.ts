import { expect, test } from "vitest";
import { checkNumber } from "../../src/checks/check.ts";
import { shownRange } from "../../src/checks/shown-range.ts";

test.each([
  [0, 1, "0 to 1"],
  [-1024, 0.5, "-1024 to 0.5"],
  [0, Number.POSITIVE_INFINITY, "0 to Infinity"],
  [2 ** -20, 2 ** 20, "2^-20 to 2^20 (about 1e-6 to 1e6)"],
  [-(2 ** 20), 2 ** 20, "-2^20 to 2^20 (about -1e6 to 1e6)"],
  [0, 2 ** 40, "0 to 2^40 (about 1e12)"],
])("the range from %d to %d is shown as %s", (low, high, shown) => {
  expect(shownRange(low, high)).toBe(shown);
  expect(() => checkNumber("value", Number.NaN, low, high)).toThrow(`"value" expected ${shown}, got NaN`);
});
