import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { planRowCodec } from "../../src/format/row-codec.ts";
import { load } from "../../src/index.ts";
import { invertLists } from "../../src/train/codes/inverted-lists.ts";
import { renumberSecond } from "../../src/train/codes/renumber.ts";
import { build } from "../../src/train/index.ts";

/** Returns deterministic numbers in [-1, 1). */
function numbers(count: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const matrix = (itemCount: number, dim: number) => ({
  data: numbers(itemCount * dim),
  shape: [itemCount, dim] as [number, number],
});

describe("build", () => {
  it("gives the same bytes for the same input, options and seed", async () => {
    const options = { bias: numbers(300), counts: numbers(300).map(Math.abs), seed: 7 };
    const [first, second] = [await build(matrix(300, 9), options), await build(matrix(300, 9), options)];
    expect(second).toEqual(first);
    expect(await build(matrix(300, 9), { ...options, seed: 8 })).not.toEqual(first);
  });

  it("gives the same bytes for biases in a list and in a Float32Array", async () => {
    // f32 lacks these numbers, so whatever reads the list itself reads others than the file has.
    const bias = Array.from(numbers(600), (value) => Math.round(value * 100) / 100);
    expect(await build(matrix(600, 9), { bias })).toEqual(
      await build(matrix(600, 9), { bias: Float32Array.from(bias) }),
    );
  });

  it("keeps the rows it is given: scores are the inner products with the stored rows, plus the bias", async () => {
    const { data, shape } = matrix(200, 10);
    const bias = numbers(200);
    const query = numbers(10);
    for (const [rows, tolerance] of [
      ["f32", 2e-6],
      ["f16", 3e-3],
      ["i8", 5e-2],
    ] as const) {
      const index = await load(await build({ data, shape }, { bias, rowType: rows }));
      const ids = Int32Array.from({ length: 200 }, (_, id) => id);
      const scores = index.score(query, ids);
      for (const id of ids) {
        let exact = bias[id] as number;
        for (let d = 0; d < 10; d++) exact += (data[id * 10 + d] as number) * (query[d] as number);
        expect(Math.abs((scores[id] as number) - exact)).toBeLessThan(tolerance);
      }
    }
  });

  it("signs the file with the version of the package", async () => {
    const index = await load(await build(matrix(4, 2)));
    expect(index.info.builder).toBe(`midx ${packageJson.version}`);
  });

  it("reports what it made", async () => {
    const reports: unknown[] = [];
    const file = await build(matrix(64, 8), { rowType: "f32", onReport: (report) => reports.push(report) });
    expect(reports).toEqual([
      expect.objectContaining({ itemCount: 64, rowError: 0, bytesPerRow: file.byteLength / 64 }),
    ]);
  });

  it("reports progress through all its phases", async () => {
    const phases = new Set<string>();
    await build(matrix(64, 8), { onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(["read", "train", "encode", "write", "calibrate"]);
  });

  it("stops when its signal is aborted", async () => {
    await expect(build(matrix(64, 8), { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  it.each([
    [
      "data of the wrong length",
      { data: new Float32Array(7), shape: [2, 4] },
      {},
      /"data" expected 2 × 4 = 8 values, got 7/,
    ],
    [
      "three numbers",
      { data: new Float32Array(8), shape: [2, 4, 1] as never },
      {},
      /"shape" expected two numbers.*got 3/,
    ],
    ["no dimension", { data: new Float32Array(0), shape: [0, 0] }, {}, /"shape"\[1\] expected 1\.\.4096/],
    [
      "a row with NaN",
      { data: Float32Array.of(0, 1, Number.NaN, 1), shape: [2, 2] },
      {},
      /"data" row 1 expected finite/,
    ],
    ["a row beyond 2^40", { data: Float32Array.of(2 ** 41), shape: [1, 1] }, {}, /"data" row 0 expected finite/],
    ["a value no half can hold", { data: Float32Array.of(70000), shape: [1, 1] }, { rowType: "f16" }, /"data" row 0/],
    ["a short bias", matrix(4, 2), { bias: [1] }, /"bias" expected 4 values, got 1/],
    ["an infinite bias", matrix(1, 2), { bias: [Number.POSITIVE_INFINITY] }, /"bias"\[0\] expected a finite value/],
    ["a negative count", matrix(2, 2), { counts: [1, -1] }, /"counts"\[1\] expected a value from 0 to 2\^40, got -1/],
    ["too many bits", matrix(4, 2), { bits: 11 }, /"bits" expected an integer in 0\.\.10, got 11/],
    ["bits as a text", matrix(4, 2), { bits: "8" as never }, /"bits" expected an integer in 0\.\.10, got "8"/],
    ["a fraction as seed", matrix(4, 2), { seed: 0.5 }, /"seed" expected an integer/],
    ["an unknown metric", matrix(4, 2), { metric: "euclidean" }, /"metric" expected dot or cosine, got "euclidean"/],
    ["an unknown quantizer", matrix(4, 2), { quantizer: "opq" }, /"quantizer" expected rq or pq, got "opq"/],
  ])("refuses %s by name", async (_, input, options, message) => {
    await expect(build(input as never, options as never)).rejects.toThrow(message);
  });
});

describe("planRowCodec", () => {
  it("stores int8 rows within half a step of what they are, and zero rows as zeros", () => {
    const data = numbers(3 * 5);
    data.fill(0, 5, 10);
    const { value, scales } = planRowCodec(5, "i8", 3).encode(data);
    for (let row = 0; row < 3; row++) {
      for (let d = 0; d < 5; d++) {
        const step = scales?.[row] as number;
        expect(Math.abs(value(row, d) - (data[row * 5 + d] as number))).toBeLessThanOrEqual(0.5001 * step);
      }
    }
    expect(scales?.[1]).toBe(0);
  });

  it("stores zero rows without residuals, whatever was encoded before", () => {
    const codec = planRowCodec(5, "i8", 2, true);
    codec.encode(numbers(2 * 5));
    expect(codec.encode(new Float32Array(5)).residuals?.subarray(0, 5)).toEqual(new Uint8Array(5));
  });
});

describe("invertLists", () => {
  it("lists every class once, by bucket and then by id, and no empty bucket", () => {
    const lists = invertLists({ codes1: Uint16Array.of(1, 0, 1, 1), codes2: Uint16Array.of(1, 0, 1, 0) }, 2);
    expect(lists.codes).toEqual(Int32Array.of(0, 2, 3));
    expect(lists.offsets).toEqual(Int32Array.of(0, 1, 2, 4));
    expect(lists.ids).toEqual(Int32Array.of(1, 3, 0, 2));
    expect(lists.largestBucket).toBe(2);
  });
});

describe("renumberSecond", () => {
  it("puts the second codeword of most buckets first, and codes keep their codewords", () => {
    const quantizer = {
      kind: "rq" as const,
      codewordCount: 2,
      dim: 1,
      dim1: 1,
      dim2: 1,
      codebook1: Float32Array.of(0, 10),
      codebook2: Float32Array.of(1, 2),
    };
    const codes = { codes1: Uint16Array.of(0, 1, 0), codes2: Uint16Array.of(1, 1, 0) };
    const renumbered = renumberSecond(quantizer, codes);
    expect(renumbered.codebook2).toEqual(Float32Array.of(2, 1));
    expect(codes.codes2).toEqual(Uint16Array.of(0, 0, 1));
  });
});
