import { describe, expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { readRaw, tensorAt, writeRaw } from "../fixtures/index-file.ts";
import { ask, FILE_NAMES, FILES, faultOf, outcomeOf } from "../fixtures/outcome.ts";
import { WHOLE } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

/**
 * The stride of the flipped bits. `npm run test:hostile` flips all. It is odd, so that all eight bits of a byte take
 * turns.
 */
const STRIDE = WHOLE ? 1 : 211;

describe("a file", () => {
  test("is read and written again byte for byte by JSON and the checksums' definition alone", async () => {
    const built = await buildIndex({ data: randomRows(60, 1), shape: [20, 3] }, { bias: randomRows(20, 2), seed: 5 });
    for (const file of [...Object.values(FILES), built]) expect(writeRaw(readRaw(file))).toEqual(file);
  });

  test("has every tensor at a multiple of 16", () => {
    for (const file of Object.values(FILES)) {
      const { headerBytes, tensors } = readRaw(file);
      expect(headerBytes % 16).toBe(0);
      for (const { data_offsets: offsets } of Object.values(tensors)) {
        expect(offsets[0] % 16).toBe(0);
        expect(offsets[1] % 16).toBe(0);
      }
    }
  });

  test("of the largest rows that a build takes can be loaded", async () => {
    for (const quantizer of ["pq", "rq"] as const) {
      for (const [dim, bits] of [
        [4, 0],
        [4, 1],
        [4, 2],
        [4096, 1],
      ] as const) {
        const data = randomRows(10 * dim, 1).map((value) => Math.sign(value) * 2 ** 32);
        const built = await buildIndex({ data, shape: [10, dim] }, { quantizer, bits, rowType: "f32" });
        expect((await outcomeOf(built)).code, `${quantizer}, D = ${dim}, ${bits} bits`).toBe("none");
      }
    }
    const larger = Float32Array.of(2 ** 33, 0);
    await expect(buildIndex({ data: larger, shape: [1, 2] })).rejects.toThrow(RangeError);
  });

  test("has the same bytes for the same input", async () => {
    const build = () => buildIndex({ data: randomRows(300, 1), shape: [100, 3] }, { bits: 2, seed: 5 });
    expect(await build()).toEqual(await build());
  });
});

describe("damage", () => {
  test.each(FILE_NAMES)("of any single bit is a FormatError: %s", async (name) => {
    const file = FILES[name];
    const raw = readRaw(file);
    const damaged = file.slice();
    for (let bit = 0; bit < 8 * file.length; bit += STRIDE) {
      const byte = bit >> 3;
      const whole = file[byte] as number;
      damaged[byte] = whole ^ (1 << (bit & 7));
      const fault = await faultOf(damaged);
      damaged[byte] = whole;
      if (byte < raw.headerBytes) {
        expect(fault.code, `bit ${bit}`).not.toBe("none");
        expect(fault.offset, `bit ${bit}`).toBeLessThanOrEqual(file.length);
      } else {
        const begin = raw.tensors[tensorAt(raw, byte)]?.data_offsets[0] as number;
        expect(fault, `bit ${bit}`).toEqual({ code: "tensor-checksum", offset: raw.headerBytes + begin });
      }
    }
  });

  test.each(FILE_NAMES)("by truncation to any length is found where the file ends: %s", async (name) => {
    const file = FILES[name];
    for (let length = 0; length < file.length; length += WHOLE ? 1 : 29) {
      const part = file.subarray(0, length);
      expect(await faultOf(part), `${length}`).toEqual({ code: "file-truncated", offset: length });
      if (length % 13 > 0) continue;
      expect(await faultOf(streamOf(part)), `${length}`).toEqual({ code: "file-truncated", offset: length });
    }
  });

  test.each(FILE_NAMES)("by appended bytes is found where the file should end: %s", async (name) => {
    const file = FILES[name];
    for (let more = 1; more <= 64; more += WHOLE ? 1 : 9) {
      for (const value of [0, 0xff]) {
        const longer = new Uint8Array(file.length + more).fill(value);
        longer.set(file);
        expect(await faultOf(longer)).toEqual({ code: "file-extended", offset: file.length });
        expect(await faultOf(streamOf(longer))).toEqual({ code: "file-extended", offset: file.length });
      }
    }
  });

  test("of any bit, with corrected checksums, is a FormatError or harmless", async () => {
    let refused = 0;
    let harmless = 0;
    for (const file of Object.values(FILES)) {
      const raw = readRaw(file);
      for (let bit = 0; bit < 8 * raw.data.length; bit += STRIDE) {
        const changed = { ...raw, data: raw.data.slice() };
        (changed.data[bit >> 3] as number) ^= 1 << (bit & 7);
        const { code, offset, opened } = await outcomeOf(writeRaw(changed));
        if (opened) {
          ask(opened);
          harmless++;
        } else {
          const damaged = tensorAt(raw, raw.headerBytes + (bit >> 3));
          expect(code, `bit ${bit}`).toMatch(
            /^(tensor-(value|padding)|bucket-(codes|offsets)|largest-bucket|ids|label-(offsets|text|order))$/,
          );
          // Offsets, text and order of labels are checked against each other.
          const found = tensorAt(raw, offset).replace(/(abel)(Offsets|Order|Text)$/, "$1s");
          expect(found, `bit ${bit}`).toBe(damaged.replace(/(abel)(Offsets|Order|Text)$/, "$1s"));
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(1000 / STRIDE);
    expect(harmless).toBeGreaterThan(1000 / STRIDE);
  });
});

const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
