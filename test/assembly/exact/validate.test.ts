import { expect, test } from "vitest";
import { Arena } from "../../fixtures/arena.ts";
import { describeKernels } from "../../fixtures/kernels.ts";
import { reference } from "../../reference/index.ts";

const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 40];

/** `length` values, all equal except one. */
function withOne<T extends Float32Array | Uint16Array | Int32Array | Uint8Array>(
  values: T,
  at: number,
  value: number,
): T {
  const changed = values.slice() as T;
  changed[at] = value;
  return changed;
}

describeKernels("firstOutsideF32", (kernels) => {
  const first = (values: Float32Array, low: number, high: number): number =>
    kernels.firstOutsideF32(new Arena(kernels).putLast(values), values.length, low, high);

  test("finds a value just outside at every place, and none if all lie on the bounds", () => {
    for (const length of LENGTHS) {
      const values = Float32Array.from({ length }, (_, i) => (i % 2 ? -2 : 3));
      expect(first(values, -2, 3)).toBe(-1);
      for (let i = 0; i < length; i++) {
        for (const bad of [-2.0000002, 3.0000002, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          const changed = withOne(values, i, bad);
          expect(first(changed, -2, 3), `${bad} at ${i} of ${length}`).toBe(i);
          expect(reference.firstOutsideF32(changed, -2, 3)).toBe(i);
        }
      }
    }
  });

  test("names the first of several", () => {
    const values = Float32Array.of(0, 0, 0, 0, 0, 9, 0, 9, 9);
    expect(first(values, 0, 1)).toBe(5);
    expect(reference.firstOutsideF32(values, 0, 1)).toBe(5);
  });
});

describeKernels("firstNonFiniteF16", (kernels) => {
  const first = (halves: Uint16Array): number =>
    kernels.firstNonFiniteF16(new Arena(kernels).putLast(halves), halves.length);

  test("finds an infinity or NaN of either sign at every place", () => {
    for (const length of LENGTHS) {
      const halves = new Uint16Array(length).fill(0xfbff); // −65,504, the largest finite magnitude
      expect(first(halves)).toBe(-1);
      for (let i = 0; i < length; i++) {
        for (const bad of [0x7c00, 0xfc00, 0x7e00, 0xfc01]) {
          const changed = withOne(halves, i, bad);
          expect(first(changed), `${bad} at ${i} of ${length}`).toBe(i);
          expect(reference.firstNonFiniteF16(changed)).toBe(i);
        }
      }
    }
  });

  test("accepts each of the 63,488 finite halves and no other", () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const finite = all.filter((bits) => (bits & 0x7c00) !== 0x7c00);
    expect(finite.length).toBe(63488);
    expect(first(finite)).toBe(-1);
    expect(first(all)).toBe(0x7c00);
    expect(first(all.subarray(0x8000))).toBe(0x7c00);
  });
});

describeKernels("firstUnpadded", (kernels) => {
  const first = (rows: Uint8Array, count: number, rowBytes: number, usedBytes: number): number =>
    kernels.firstUnpadded(new Arena(kernels).putLast(rows), count, rowBytes, usedBytes);

  test("finds any byte of any row's padding, and no byte in front of it", () => {
    const [count, rowBytes] = [3, 16];
    for (const usedBytes of [0, 1, 4, 15, 16]) {
      const rows = new Uint8Array(count * rowBytes);
      expect(first(rows, count, rowBytes, usedBytes)).toBe(-1);
      for (let i = 0; i < rows.length; i++) {
        const changed = withOne(rows, i, 0x80);
        const expected = i % rowBytes >= usedBytes ? Math.floor(i / rowBytes) : -1;
        expect(first(changed, count, rowBytes, usedBytes), `byte ${i}, ${usedBytes} used`).toBe(expected);
        expect(reference.firstUnpadded(changed, count, rowBytes, usedBytes)).toBe(expected);
      }
    }
  });

  test("finds nothing in no rows", () => {
    expect(first(new Uint8Array(0), 0, 16, 4)).toBe(-1);
    expect(reference.firstUnpadded(new Uint8Array(0), 0, 16, 4)).toBe(-1);
  });
});

describeKernels("firstUnordered", (kernels) => {
  const first = (values: Int32Array, limit: number): number =>
    kernels.firstUnordered(new Arena(kernels).putLast(values), values.length, limit);

  test.each([
    ["ascending", [0, 1, 5, 9], 10, -1],
    ["nothing", [], 0, -1],
    ["negative", [-1, 0, 1], 10, 0],
    ["most negative", [0, -2147483648], 10, 1],
    ["repeated", [0, 1, 1, 2], 10, 2],
    ["falling", [0, 4, 3], 10, 2],
    ["at the limit", [0, 9, 10], 10, 2],
    ["largest", [0, 2147483647], 2147483647, 1],
    ["one at the limit", [1], 1, 0],
  ])("judges %s", (_, values, limit, expected) => {
    expect(first(Int32Array.from(values), limit)).toBe(expected);
    expect(reference.firstUnordered(Int32Array.from(values), limit)).toBe(expected);
  });
});

describeKernels("invertIds", (kernels) => {
  function invert(ids: Int32Array): { offender: number; positions: Int32Array } {
    const arena = new Arena(kernels);
    const positions = arena.take(ids.byteLength);
    const offender = kernels.invertIds(arena.putLast(ids), ids.length, positions);
    expect(arena.strayWrites()).toEqual([]);
    return { offender, positions: arena.read(Int32Array, positions, ids.length) };
  }

  test("inverts a permutation", () => {
    for (const length of LENGTHS) {
      const ids = Int32Array.from({ length }, (_, i) => (11 * i + 3) % length); // 11 divides none of them
      const inverted = invert(ids);
      expect(inverted.offender).toBe(-1);
      expect(inverted).toEqual(reference.invertIds(ids));
      expect(inverted.positions.every((position, id) => ids[position] === id)).toBe(true);
    }
  });

  test.each([
    ["at N", [0, 1, 3], 2],
    ["negative", [0, -1, 2], 1],
    ["most negative", [-2147483648], 0],
    ["repeated", [2, 0, 2], 2],
    ["repeated at once", [0, 0], 1],
  ])("points at an id that is %s", (_, ids, expected) => {
    expect(invert(Int32Array.from(ids)).offender).toBe(expected);
    expect(reference.invertIds(Int32Array.from(ids)).offender).toBe(expected);
  });
});
