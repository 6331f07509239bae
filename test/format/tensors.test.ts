import { describe, expect, test } from "vitest";
import { bytesOf, float32Of, int32Of, type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { FILE_NAMES, FILES, faultOf, outcomeOf } from "../fixtures/outcome.ts";

// Faults that show only in the tensors' values. The file has nine classes in four buckets of K = 2, D = 4, or 5 for
// int8 rows. Checksums are correct throughout.

const N = 9;
const BUCKETS = 4;

/** A fault: the tensor, the damage, the code, and the byte of the faulty value within the tensor. */
type Fault = readonly [name: string, tensor: string, damage: (raw: RawFile) => void, code: string, byte: number];

const setInt = (tensor: string, at: number, value: number) => (raw: RawFile) => {
  int32Of(raw, tensor)[at] = value;
};
const setFloat = (tensor: string, at: number, value: number) => (raw: RawFile) => {
  float32Of(raw, tensor)[at] = value;
};
const setByte = (tensor: string, at: number, value: number) => (raw: RawFile) => {
  bytesOf(raw, tensor)[at] = value;
};

async function expectFault(file: Uint8Array, [, tensor, damage, code, byte]: Fault): Promise<void> {
  const raw = readRaw(file);
  damage(raw);
  const begin = raw.headerBytes + (raw.tensors[tensor]?.data_offsets[0] ?? Number.NaN);
  expect(await faultOf(writeRaw(raw))).toEqual({ code, offset: begin + byte });
}

const NO_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 41, -(2 ** 41)];
/** Above the limit by one unit of the last place. */
const JUST_TOO_LARGE = 2 ** 40 + 2 ** 17;

const INTEGERS: Fault[] = [
  ["an id twice", "ids", (raw) => int32Of(raw, "ids").copyWithin(5, 2, 3), "ids", 20],
  ["an id of N", "ids", setInt("ids", 8, N), "ids", 32],
  ["an id below 0", "ids", setInt("ids", 0, -1), "ids", 0],
  ["the largest id there can be", "ids", setInt("ids", 3, 2 ** 31 - 1), "ids", 12],
  ["a code of K\u00b2", "bucketCodes", setInt("bucketCodes", 3, 4), "bucket-codes", 12],
  ["a code below 0", "bucketCodes", setInt("bucketCodes", 0, -1), "bucket-codes", 0],
  ["a code twice", "bucketCodes", setInt("bucketCodes", 2, 1), "bucket-codes", 8],
  ["codes that fall", "bucketCodes", setInt("bucketCodes", 0, 2), "bucket-codes", 4],
  ["offsets that start at 1", "bucketOffsets", setInt("bucketOffsets", 0, 1), "bucket-offsets", 0],
  ["offsets below 0", "bucketOffsets", setInt("bucketOffsets", 0, -1), "bucket-offsets", 0],
  ["an empty bucket", "bucketOffsets", setInt("bucketOffsets", 1, 4), "bucket-offsets", 8],
  ["offsets that fall", "bucketOffsets", setInt("bucketOffsets", 2, 7), "bucket-offsets", 12],
  ["offsets that end before N", "bucketOffsets", setInt("bucketOffsets", 4, N - 1), "bucket-offsets", 16],
  ["offsets that end after N", "bucketOffsets", setInt("bucketOffsets", 4, N + 1), "bucket-offsets", 16],
  ["another fullest bucket", "bucketOffsets", setInt("bucketOffsets", 3, 5), "largest-bucket", 0],
];

const FLOATS: Fault[] = [
  ...[...NO_NUMBERS, JUST_TOO_LARGE].flatMap((value): Fault[] => [
    [`${value}`, "codebook1", setFloat("codebook1", 0, value), "tensor-value", 0],
    [`${value}`, "codebook2", setFloat("codebook2", 12, value), "tensor-value", 48],
    [`${value}`, "bias", setFloat("bias", 8, value), "tensor-value", 32],
  ]),
  ...[...NO_NUMBERS, JUST_TOO_LARGE, -1e-45].flatMap((value): Fault[] => [
    [`${value}`, "rowScales", setFloat("rowScales", 0, value), "tensor-value", 0],
  ]),
];

const PADDING: Fault[] = [
  ["padding", "bucketOffsets", setInt("bucketOffsets", BUCKETS + 1, 1), "tensor-padding", 20],
  ["padding", "ids", setByte("ids", 47, 1), "tensor-padding", 36],
  ["padding", "bias", setByte("bias", 36, 0x80), "tensor-padding", 36],
  ["padding", "rowScales", setFloat("rowScales", 11, 1), "tensor-padding", 36],
  ["padding of row 2", "rows", setByte("rows", 2 * 16 + 15, 1), "tensor-padding", 2 * 16 + 5],
];

/** Three sub-quantizers and one that pads, nine rows of 32, and curves of 16 points of 4 values. */
const FINE: Fault[] = [
  ...[...NO_NUMBERS, JUST_TOO_LARGE].flatMap((value): Fault[] => [
    [`${value}`, "fineCodebooks", setFloat("fineCodebooks", 0, value), "tensor-value", 0],
    [`${value}`, "fineCodebooks", setFloat("fineCodebooks", 95, value), "tensor-value", 380],
  ]),
  ["a codeword that pads", "fineCodebooks", setFloat("fineCodebooks", 127, 1), "tensor-padding", 384],
  ["codes of one that pads", "fineCodes", setByte("fineCodes", 3 * 16, 1), "tensor-padding", 48],
  ["a code behind the last row", "fineCodes", setByte("fineCodes", 3, 1), "tensor-padding", 3],
  ["a code of row 15", "fineCodes", setByte("fineCodes", 2 * 16 + 15, 0x08), "tensor-padding", 47],
  ["a code of row 16", "fineCodes", setByte("fineCodes", 16, 0x10), "tensor-padding", 16],
  ["a code of row 31", "fineCodes", setByte("fineCodes", 15, 0x80), "tensor-padding", 15],
  ["a scan of no rows before a point", "recallCurves", setFloat("recallCurves", 1, 10), "tensor-value", 4],
  ["a scan of half a row", "recallCurves", setFloat("recallCurves", 0, 0.5), "tensor-value", 0],
  ["a recall of nothing", "recallCurves", (raw) => float32Of(raw, "recallCurves").set([256, 10]), "tensor-value", 8],
  ["a recall above 1", "recallCurves", (raw) => float32Of(raw, "recallCurves").set([256, 10, 2]), "tensor-value", 8],
  ["a fourth value", "recallCurves", (raw) => float32Of(raw, "recallCurves").set([1, 1, 1, 1]), "tensor-value", 12],
  ["a recall that falls", "recallCurves", (raw) => setPoints(raw, 64, [0.5, 0.25]), "tensor-value", 4 * (64 + 6)],
  ["a point too many", "recallCurves", setFloat("recallCurves", 127, 1), "tensor-value", 508],
];

/** Writes points of a curve from value `at` on, given by their recall. */
function setPoints(raw: RawFile, at: number, recalls: readonly number[]): void {
  for (const [i, recall] of recalls.entries()) float32Of(raw, "recallCurves").set([256, 10, recall], at + 4 * i);
}

/**
 * LABELS of outcome.ts has 17 bytes. Its offsets are 0, 1, 1, 3, 4, 6, 10, 12, 14, 17 and its order is 1, 3, 4, 0, 6,
 * 7, 2, 8, 5.
 */
const LABELS: Fault[] = [
  ["offsets that start at 1", "labelOffsets", setInt("labelOffsets", 0, 1), "label-offsets", 0],
  ["offsets below 0", "labelOffsets", setInt("labelOffsets", 1, -1), "label-offsets", 4],
  ["offsets that fall", "labelOffsets", setInt("labelOffsets", 3, 0), "label-offsets", 12],
  ["offsets past the text", "labelOffsets", setInt("labelOffsets", 5, 18), "label-offsets", 20],
  ["the largest offset", "labelOffsets", setInt("labelOffsets", 5, 2 ** 31 - 1), "label-offsets", 20],
  ["offsets that end before the text", "labelOffsets", setInt("labelOffsets", 9, 16), "label-offsets", 36],
  ["padding", "labelOffsets", setInt("labelOffsets", 10, 1), "tensor-padding", 40],
  ["a label that begins inside of a character", "labelText", setInt("labelOffsets", 2, 2), "label-text", 1],
  ["a byte that is none of UTF-8", "labelText", setByte("labelText", 4, 0xff), "label-text", 4],
  ["half of a character", "labelText", setByte("labelText", 16, 0x20), "label-text", 14],
  [
    "half of a surrogate pair",
    "labelText",
    (raw) => bytesOf(raw, "labelText").set([0xed, 0xa0, 0x80], 14),
    "label-text",
    14,
  ],
  ["padding", "labelText", setByte("labelText", 17, 1), "tensor-padding", 17],
  ["an entry of N", "labelOrder", setInt("labelOrder", 8, N), "label-order", 32],
  ["an entry below 0", "labelOrder", setInt("labelOrder", 0, -1), "label-order", 0],
  ["an entry twice", "labelOrder", setInt("labelOrder", 4, 0), "label-order", 16],
  ["two entries that change places", "labelOrder", (raw) => int32Of(raw, "labelOrder").set([3, 1]), "label-order", 4],
  ["a label twice", "labelOrder", setByte("labelText", 0, 0x61), "label-order", 12],
  ["padding", "labelOrder", setInt("labelOrder", 9, 1), "tensor-padding", 36],
];

/** FEATURES of outcome.ts has rows of five values and three of padding. */
const FEATURES: Fault[] = [
  ...[...NO_NUMBERS, JUST_TOO_LARGE].flatMap((value): Fault[] => [
    [`${value}`, "features", setFloat("features", 2 * 8 + 4, value), "tensor-value", 80],
    [`${value}`, "featurePositions", setFloat("featurePositions", 0, value), "tensor-value", 0],
  ]),
  ["padding of row 1", "features", setFloat("features", 8 + 7, 1), "tensor-padding", 52],
  ["padding of row 0", "featurePositions", setFloat("featurePositions", 5, 1), "tensor-padding", 20],
  ["offsets that fall", "featureLabelOffsets", setInt("featureLabelOffsets", 2, 0), "label-offsets", 8],
  ["offsets past the text", "featureLabelOffsets", setInt("featureLabelOffsets", 2, 5), "label-offsets", 8],
  ["a byte that is none of UTF-8", "featureLabelText", setByte("featureLabelText", 0, 0xff), "label-text", 0],
  ["padding", "featureLabelText", setByte("featureLabelText", 4, 1), "tensor-padding", 4],
  ["an entry of F", "featureLabelOrder", setInt("featureLabelOrder", 2, 3), "label-order", 8],
  ["an entry twice", "featureLabelOrder", setInt("featureLabelOrder", 1, 1), "label-order", 4],
  ["padding", "featureLabelOrder", setInt("featureLabelOrder", 3, 1), "tensor-padding", 12],
];

const INT8: Fault[] = [
  ["\u2212128", "rows", setByte("rows", 0, 0x80), "tensor-value", 0],
  ["\u2212128 in the last row", "rows", setByte("rows", 8 * 16 + 3, 0x80), "tensor-value", 8 * 16 + 3],
];

const HALVES: Fault[] = [
  ["an infinite half", "rows", setByte("rows", 1, 0x7c), "tensor-value", 0],
  ["a half that is no number", "rows", setByte("rows", 8 * 16 + 7, 0xfe), "tensor-value", 8 * 16 + 6],
  ["padding of a half row", "rows", setByte("rows", 8 * 16 + 8, 1), "tensor-padding", 8 * 16 + 8],
];

const SINGLES: Fault[] = [...NO_NUMBERS, JUST_TOO_LARGE].map((value) => [
  `${value}`,
  "rows",
  setFloat("rows", 35, value),
  "tensor-value",
  140,
]);

describe("is refused, at the byte of the fault:", () => {
  test.each([...INTEGERS, ...FLOATS, ...PADDING, ...INT8, ...FINE, ...LABELS, ...FEATURES])(
    "%s in %s",
    async (...fault) => {
      await expectFault(FILES.i8, fault);
    },
  );
  test.each(HALVES)("%s in %s of halves", async (...fault) => {
    // The other bits of the exponent decide what the value is.
    await expectFault(withWholeHalves(FILES.f16), fault);
  });
  test.each(SINGLES)("%s in %s of singles", async (...fault) => {
    await expectFault(FILES.f32, fault);
  });
});

/** A file with rows of ones, so that one byte makes a half infinite. */
function withWholeHalves(file: Uint8Array): Uint8Array {
  const raw = readRaw(file);
  const bytes = bytesOf(raw, "rows");
  for (let row = 0; row < N; row++) {
    for (let d = 0; d < 4; d++) bytes.set([0, 0x3c], 16 * row + 2 * d);
  }
  return writeRaw(raw);
}

test("values at the limit are no fault", async () => {
  for (const name of FILE_NAMES) {
    const raw = readRaw(FILES[name]);
    for (const tensor of [
      "codebook1",
      "codebook2",
      "bias",
      "fineCodebooks",
      "rowScales",
      "features",
      "featurePositions",
    ]) {
      const values = float32Of(raw, tensor);
      if (values.length > 0) values[0] = 2 ** 40;
    }
    if (name === "f32") float32Of(raw, "rows").fill(-(2 ** 40));
    if (name === "i8") {
      bytesOf(raw, "rows").set([0x81, 0x7f, 0xff], 0);
      bytesOf(raw, "fineCodes").set([0x0f, 0x0f], 16); // row 0, and row 8 in the byte behind it
      setPoints(raw, 0, [2 ** -149, 0.5, 1]);
      float32Of(raw, "recallCurves").set([2 ** 24, 2 ** 24], 8);
    }
    expect((await outcomeOf(writeRaw(raw))).code).toBe("none");
  }
});

test("the sizes of the pages above are those of the file", () => {
  const raw = readRaw(FILES.i8);
  expect(Array.from(int32Of(raw, "bucketOffsets"))).toEqual([0, 2, 4, 6, 9, 0, 0, 0]);
  expect(Array.from(int32Of(raw, "bucketCodes"))).toEqual([0, 1, 2, 3]);
  expect(raw.tensors.rows?.shape).toEqual([N, 16]);
  expect(raw.tensors.fineCodebooks?.shape).toEqual([4, 2, 16]);
  expect(raw.tensors.fineCodes?.shape).toEqual([1, 4, 16]);
  expect(raw.tensors.recallCurves?.shape).toEqual([2, 16, 4]);
});
