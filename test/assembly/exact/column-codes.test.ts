import { expect, test } from "vitest";
import { addFailing } from "../../../src/columns/column-bits.ts";
import type { MemoryPlan } from "../../../src/memory/plan.ts";
import { Arena } from "../../fixtures/arena.ts";
import { describeKernels } from "../../fixtures/kernels.ts";
import { anyCodes } from "../../fixtures/tiny-index.ts";
import { reference } from "../../reference/index.ts";

const TYPES = [
  { Type: Uint8Array, most: 255 },
  { Type: Uint16Array, most: 65_535 },
  { Type: Int32Array, most: 2_000_000 },
];
const COUNTS = [0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 77, 128, 130, 192, 200];

describeKernels("markCodes", (kernels) => {
  test.each(TYPES)("marks the positions of a range, and keeps what is marked: $Type.name", ({ Type, most }) => {
    for (const count of COUNTS) {
      const codes = new Type(Array.from(anyCodes(count, 5, count + 1), (code, i) => (i % 5 ? code : most - code)));
      for (const [first, last] of [
        [0, 0],
        [1, 3],
        [2, most],
        [most, most],
        [0, most],
        [most - 2, most - 1],
        [3, 1],
        [most, 0],
        [most - 1, 2],
      ] as const) {
        const arena = new Arena(kernels);
        const padded = new Type(16 * Math.ceil(count / 16));
        padded.set(codes);
        const before = Uint8Array.from({ length: 2 * Math.ceil(count / 16) }, (_, i) => (i % 8 === 1 ? 0b10 : 0));
        const [at, bits] = [arena.put(padded), arena.put(before)];
        kernels.markCodes(at, Type.BYTES_PER_ELEMENT, count, first, last, bits);
        const marked = new Uint8Array(kernels.memory.buffer, bits, before.length);
        const expected = before.slice();
        for (const position of reference.markCodes(codes, first, last))
          (expected[position >> 3] as number) |= 1 << (position & 7);
        expect(marked, `${count} codes, ${first} to ${last}`).toEqual(expected);
        expect(arena.strayWrites()).toEqual([]);
      }
    }
  });

  test.each(TYPES.slice(0, 2))(
    "marks the positions with a flag, and keeps what is marked: $Type.name",
    ({ Type, most }) => {
      for (const count of COUNTS) {
        for (const every of [1, 2, 3, 17]) {
          const codes = new Type(
            Array.from(anyCodes(count, 5, count + 1), (code, i) => (i % 5 ? 23 * code : most - code)),
          );
          const flags = Uint8Array.from({ length: most + 1 }, (_, code) => +(code % every === 0));
          const arena = new Arena(kernels);
          const padded = new Type(16 * Math.ceil(count / 16));
          padded.set(codes);
          const before = Uint8Array.from({ length: 2 * Math.ceil(count / 16) }, (_, i) => (i % 8 === 1 ? 0b10 : 0));
          const [at, bits] = [arena.put(padded), arena.put(before)];
          kernels.markFlagged(at, Type.BYTES_PER_ELEMENT, count, arena.put(flags), bits);
          const expected = before.slice();
          for (const position of reference.markFlagged(codes, flags))
            (expected[position >> 3] as number) |= 1 << (position & 7);
          const marked = new Uint8Array(kernels.memory.buffer, bits, before.length);
          expect(marked, `${count} codes, every ${every}th`).toEqual(expected);
          expect(arena.strayWrites()).toEqual([]);
        }
      }
    },
  );

  test.each(TYPES)(
    "gives a filter the bits of brute force, for few ranges of codes and for many: $Type.name",
    ({ Type }) => {
      const count = 77;
      const codes = new Type(anyCodes(count, 80, 3));
      const passing: Record<string, (code: number) => boolean> = {
        "no code": () => false,
        "every code": () => true,
        "the first": (code) => code === 0,
        "the last": (code) => code === 80,
        "one range": (code) => code > 5 && code < 19,
        "all but one": (code) => code !== 7,
        ...Object.fromEntries(
          [4, 5, 6, 7, 16, 17].map((count) => [
            `${count} ranges`,
            (code: number) => code < 2 * count && code % 2 === 1,
          ]),
        ),
        "every other code": (code) => code % 2 === 1,
      };
      for (const [name, passes] of Object.entries(passing)) {
        const arena = new Arena(kernels);
        const padded = new Type(80);
        padded.set(codes);
        const own = new Type(kernels.memory.buffer, arena.put(padded), count);
        const bits = new Int32Array(kernels.memory.buffer, arena.put(new Uint8Array(32)), 3);
        bits[1] = 1; // another column has failed it
        const flags = Uint8Array.from({ length: 81 }, (_, code) => +passes(code));
        const plan = { regions: { headPositions: arena.put(new Uint8Array(256)) } } as MemoryPlan;
        addFailing({ kernels, plan } as never, { codes: own }, flags, bits);
        const failing = Array.from(codes.keys()).filter(
          (position) => ((bits[position >> 5] as number) >> (position & 31)) & 1,
        );
        expect(failing, name).toEqual(Array.from(codes.keys()).filter((i) => i === 32 || !passes(codes[i] as number)));
        expect((bits[2] as number) >>> (count & 31), name).toBe(0);
        expect(arena.strayWrites(), name).toEqual([]);
      }
    },
  );
});
