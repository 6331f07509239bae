import { expect, test } from "vitest";
import { rowsToSend } from "../../../src/cli/changing/rows-to-send.ts";
import { planRowCodec } from "../../../src/format/row-codec.ts";
import { noise } from "../noise.ts";

const DIM = 7;
const COUNT = 3000;

test.each([
  ["f32", false],
  ["f16", false],
  ["i8", false],
  ["i8", true],
] as const)("rows of %s with residuals: %s are stored as the same bytes again", (rows, hasResiduals) => {
  const codec = planRowCodec(DIM, rows, COUNT, hasResiduals);
  const data = noise(COUNT * DIM, 5).map((value, i) => value * 1.7 ** (Math.floor(i / DIM) % 40));
  data.fill(0, 0, DIM);
  const copy = (given: Float32Array) => {
    const { bytes, scales, residuals } = codec.encode(given);
    return { rows: bytes.slice(), scales: scales?.slice(), residuals: residuals?.slice(), biases: undefined };
  };
  const stored = copy(data);
  const rowAt = rowsToSend(stored, { dim: DIM, rows, hasBias: false, hasResiduals });
  const sent = new Float32Array(COUNT * DIM);
  for (let row = 0; row < COUNT; row++) sent.set(rowAt(row), row * DIM);
  expect(copy(sent)).toEqual(stored);
});
