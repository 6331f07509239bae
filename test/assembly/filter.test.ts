import { expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { SLACK } from "../../src/abi.ts";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { anyCodes } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";
import { putLayout } from "./hand-layout.ts";

const ITEMS = 45;

const FILTERS: Record<string, (position: number) => boolean> = {
  "without a bit": () => false,
  "of all": () => true,
  "of the first of each byte": (position) => position % 8 === 0,
  "of the last of each byte": (position) => position % 8 === 7,
  "of whole bytes": (position) => (position >> 3) % 2 === 1,
  "of all but one": (position) => position !== 20,
  "of the very last": (position) => position === ITEMS - 1,
  "of any": (position) => (anyCodes(ITEMS, 2, 60)[position] as number) > 0,
};

describeKernels("listPositions", (kernels) => {
  test("lists all positions without a filter, in whole vectors", () => {
    for (const [first, end] of RANGES) {
      const room = 4 * Math.ceil((end - first) / 4);
      expect(listPositions(kernels, undefined, first, end, room), `${first}..${end}`).toEqual(
        reference.listPositions({ excluded: new Set() }, first, end),
      );
    }
  });

  test.each(Object.entries(FILTERS))("lists what a filter %s leaves, writing at most four behind", (_, isExcluded) => {
    const excluded = new Set(Array.from({ length: ITEMS }, (_unused, position) => position).filter(isExcluded));
    // Positions that are left out by one of two kinds of bits, or by both.
    const odd = new Set([...excluded].filter((position) => position % 2 === 1));
    const others = new Set([...excluded].filter((position) => position % 4 !== 1));
    for (const [first, end] of RANGES) {
      const expected = reference.listPositions({ excluded }, first, end);
      const room = expected.length + SLACK;
      for (const [bits, thinned] of [[excluded], [undefined, excluded], [odd, others]]) {
        expect(listPositions(kernels, bits, first, end, room, thinned), `${first}..${end}`).toEqual(expected);
      }
    }
  });
});

describeKernels("listPositions of few of many", (kernels) => {
  const [count, few] = [1000, [0, 1, 63, 64, 66, 127, 128, 191, 400, 401, 402, 403, 404, 405, 767, 768, 998, 999]];
  const sets = [few, few.slice(9), few.slice(0, 3), [], ...few.map((position) => [position])];

  test.each([
    [0, count],
    [1, 999],
    [64, 128],
    [60, 190],
    [65, 900],
    [129, 321],
    [400, 1000],
  ])("lists what is left from %i to before %i", (first, end) => {
    for (const left of sets) {
      const excluded = new Set(
        Array.from({ length: count }, (_, position) => position).filter((p) => !left.includes(p)),
      );
      const expected = reference.listPositions({ excluded }, first, end);
      const odd = new Set([...excluded].filter((position) => position % 2 === 1));
      const even = new Set([...excluded].filter((position) => position % 2 === 0));
      for (const [bits, thinned] of [[excluded], [undefined, excluded], [odd, even]]) {
        expect(listPositions(kernels, bits, first, end, expected.length + SLACK, thinned)).toEqual(expected);
      }
    }
  });
});

/** Ranges of all lengths that begin at every place of a byte, empty ones, and the whole. */
const RANGES: [first: number, end: number][] = [
  ...Array.from({ length: 10 }, (_, first) =>
    [0, 1, 2, 3, 4, 5, 8, 9, 17].map((count) => [first, first + count]),
  ).flat(),
  [0, ITEMS],
  [ITEMS, ITEMS],
] as [number, number][];

/** Calls the kernel. `room` is the number of i32 that may be written. */
function listPositions(
  kernels: Kernels,
  excluded: ReadonlySet<number> | undefined,
  first: number,
  end: number,
  room: number,
  thinned?: ReadonlySet<number>,
): Int32Array {
  const arena = new Arena(kernels);
  const bitsOf = (positions: ReadonlySet<number> | undefined): number => {
    if (!positions) return 0;
    const bits = new Uint8Array(Math.ceil(Math.max(ITEMS, end) / 8));
    for (const position of positions) bits[position >> 3] = (bits[position >> 3] as number) | (1 << (position & 7));
    return arena.put(bits);
  };
  const layout = putLayout(
    arena,
    new Map([
      [structs.LAYOUT_EXCLUDED, bitsOf(excluded)],
      [structs.LAYOUT_THINNED_BITS, bitsOf(thinned)],
    ]),
  );
  const out = arena.take(4 * room);
  const behind = kernels.listPositions(layout, first, end, out);
  expect(arena.strayWrites()).toEqual([]);
  return arena.read(Int32Array, out, (behind - out) / 4);
}
