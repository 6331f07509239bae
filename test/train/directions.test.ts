import { expect, test } from "vitest";
import { principalDirections } from "../../src/train/codes/directions.ts";
import { randomRows } from "./rows.ts";

const ROWS = 1027; // not a multiple of the rows that are added at a time
/** Standard deviations along the first coordinates, in units of the others'. */
const WIDE = [8, 5, 3];

function residualsOf(dim: number): Float32Array {
  const residuals = randomRows(ROWS * dim, 7);
  for (let row = 0; row < ROWS; row++) {
    for (const [d, scale] of WIDE.entries()) residuals[row * dim + d] = scale * (residuals[row * dim + d] as number);
  }
  return residuals;
}

// Long rows are multiplied in each pass, shorter ones by the sums of their pairs.
test.each([4, 24, 512, 513])("directions of residuals of %i values tell the variance along each coordinate", (dim) => {
  const residuals = residualsOf(dim);
  const directions = principalDirections(residuals, dim);
  const squares = directions.reduce((sum, value) => sum + value * value, 0);
  const rest = 1 - squares / dim;
  const meanSquare = residuals.reduce((sum, value) => sum + value * value, 0) / ROWS;
  for (const [d, scale] of WIDE.entries()) {
    let along = rest;
    for (let at = d; at < directions.length; at += dim) along += (directions[at] as number) ** 2;
    let measured = 0;
    for (let at = d; at < residuals.length; at += dim) measured += (residuals[at] as number) ** 2 / ROWS;
    expect((along * meanSquare) / dim / measured, `a standard deviation of ${scale}`).toBeCloseTo(1, 1);
  }
});

test("rows of zeros change nothing", () => {
  const residuals = residualsOf(24);
  const padded = new Float32Array(residuals.length + 2 * 24);
  padded.set(residuals);
  expect(principalDirections(padded, 24)).toEqual(principalDirections(residuals, 24));
});
