import fc from "fast-check";
import { expect, test } from "vitest";
import { compareCodePoints } from "../../src/changes/code-points.ts";

test("labels are in the order of their bytes in UTF-8, beyond the BMP too", () => {
  const unit = fc.constantFrom("", "a", "b", "é", "中", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "😀", "😁");
  const label = fc.array(unit, { maxLength: 4 }).map((units) => units.join(""));
  fc.assert(
    fc.property(label, label, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000, seed: 5 },
  );
});
