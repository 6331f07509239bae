import { expect, test } from "vitest";
import encoderRelease from "../../build/encoder.wasm";
import { applyChanges } from "../../src/changes/index.ts";
import { hasEncoder } from "../../src/encoder/index.ts";
import { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import { load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { trainSequencesWith } from "../../src/train/sequences/train.ts";
import { modelKernels } from "../train/model/instances.ts";
import { randomCodes } from "../train/rows.ts";

const ITEMS = 40;
const DIM = 8;
const LABELS = Array.from({ length: ITEMS }, (_, id) => `item-${id}`);
const sequences = {
  ...raggedOf(Array.from({ length: 6 }, (_, row) => randomCodes(2 + row, ITEMS, row + 1))),
  itemCount: ITEMS,
};

async function opened(rowType: "f32" | "i8") {
  const { model } = await trainSequencesWith(modelKernels(), sequences, { dim: DIM, epochs: 1, seed: 2 });
  const data = model.tables.classes as Float32Array<ArrayBuffer>;
  const file = await build(
    { data, shape: [ITEMS, DIM] },
    { encoder: model, labels: LABELS, rowType, calibrate: "off" },
  );
  const index = await load(file, { maxDelta: 10 });
  return { index, encoder: new SequenceEncoder(index, encoderRelease), data };
}

test("an item that changes add is read by its row where the encoder is tied, and one that they remove is unknown", async () => {
  const { index, encoder, data } = await opened("f32");
  const before = encoder.encode(["item-3", "item-9"]);
  const alone = encoder.encode(["item-3"]);
  const rows = data.slice(9 * DIM, 10 * DIM); // the row of item-9
  applyChanges(index, { upserts: { labels: ["new"], rows }, removals: ["item-9"] });
  expect(index.encode(["item-3", "new"])).toEqual(before);
  expect(() => encoder.encode(["item-3", "item-9"])).toThrow('"sequence"[1] expected');
  expect(() => encoder.encode([3, 9])).toThrow(/got 9, which has none: it was removed, or/);
  expect(encoder.encode(["item-3", "item-9"], { unknown: "skip" })).toEqual(alone);
});

test("an encoder whose items have vectors of their own has none for an item that changes add", async () => {
  const { index, encoder } = await opened("i8");
  const before = encoder.encode(["item-3", "item-9"]);
  applyChanges(index, { upserts: { labels: ["new"], rows: new Float32Array(DIM).fill(0.1) }, removals: ["item-0"] });
  expect(encoder.encode(["item-3", "item-9"]), "though tensors have moved").toEqual(before);
  expect(() => encoder.encode(["new"])).toThrow('"sequence"[0] expected an item with a vector, an integer in 0..');
  for (const item of ["new", ITEMS]) {
    expect(() => encoder.encode([item])).toThrow(
      /got (new|"new"|\d+), which has none: .* newer than the encoder's own vectors; encoder\.encode with "unknown": "skip" leaves such items out$/,
    );
  }
  expect(encoder.encode([3, ITEMS, 9], { unknown: "skip" })).toEqual(before);
});

test.each([
  { rowType: "f32", read: "its new row, since the encoder reads the rows" },
  { rowType: "i8", read: "the vector of the training, which the file stores beside the rows" },
] as const)(
  "with $rowType rows, an item that changes replace is answered by its new row, and read by $read",
  async ({ rowType }) => {
    const { index, encoder, data } = await opened(rowType);
    const [before, other] = [encoder.encode(["item-3", "item-9"]), encoder.encode(["item-3", "item-5"])];
    const score = (id: number): number => index.score(before, [id])[0] as number;
    expect(score(9)).not.toBe(score(5));
    applyChanges(index, { upserts: { labels: ["item-9"], rows: data.slice(5 * DIM, 6 * DIM) } }); // the row of item-5
    expect(score(9)).toBe(score(5));
    expect(index.encode(["item-3", "item-9"])).toEqual(rowType === "f32" ? other : before);
  },
);

test.each(["f32", "i8"] as const)("an encoder of %s rows opens behind changes", async (rowType) => {
  const { index, encoder } = await opened(rowType);
  const before = encoder.encode(["item-3", "item-9"]);
  const rows = new Float32Array(2 * DIM).fill(0.1);
  applyChanges(index, { upserts: { labels: ["new", "item-1"], rows } });
  expect(hasEncoder(index)).toBe(true);
  expect(new SequenceEncoder(index, encoderRelease).encode(["item-3", "item-9"])).toEqual(before);
});
