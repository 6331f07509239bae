import { expect, test } from "vitest";
import { partOf } from "../../../src/parts/loaded-part.ts";
import { placeParts } from "../../../src/parts/placed-parts.ts";
import { DefaultAnswersOfParts } from "../../../src/train/calibration/default-answers-of-parts.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

test("a part that is alone counts the draws of a second try", async () => {
  const [itemCount, dim] = [10_000, 256];
  const centres = randomRows(200 * dim, 1);
  const data = randomRows(itemCount * dim, 2).map((value, i) => {
    const centre = Math.floor(i / dim) % 200;
    return (centres[centre * dim + (i % dim)] as number) + 0.7 * value;
  });
  const { index } = await open(await buildIndex({ data, shape: [itemCount, dim] }, { bits: 3, calibrate: "off" }));
  const query = randomRows(dim, 50).map((value) => 0.128 * value);
  const { choice, effectiveSampleSize } = index.predict(query, 1, { seed: 0 });
  expect(choice?.draws).toBeGreaterThan(100);
  const answers = new DefaultAnswersOfParts({ queries: query, dim }, itemCount);
  for (const held of placeParts([partOf(index)])) answers.add(held, index);
  expect(answers.startNext(undefined)).toBe(false);
  const worth = effectiveSampleSize / (choice?.draws as number);
  expect(answers.statistics()?.bands[0]?.essShare.mean).toBeCloseTo(worth, 6);
});
