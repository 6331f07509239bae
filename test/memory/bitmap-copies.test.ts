import { expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { BitmapCopies } from "../../src/memory/bitmap-copies.ts";
import { open } from "../fixtures/open.ts";
import { bitmapOf, HEADS, ITEM_COUNT, isInHalf, LIMITS } from "../fixtures/thinning-heads.ts";

test("a copy lasts while it is in place, and buffers take turns", () => {
  const copies = new BitmapCopies();
  const first = copies.of(Uint8Array.of(1, 2, 3), undefined);
  const second = copies.of(Uint8Array.of(4, 5), first);
  expect([...first, ...second]).toEqual([1, 2, 3, 4, 5]);
  const third = copies.of(Uint8Array.of(6, 7), second);
  expect(third.buffer).toBe(first.buffer);
  expect([...second, ...third]).toEqual([4, 5, 6, 7]);
  // A call that fails after the copy puts nothing in place.
  expect([...copies.of(Uint8Array.of(8, 9), second), ...second]).toEqual([8, 9, 4, 5]);
  const ids = Int32Array.of(1);
  expect([...copies.of(Uint8Array.of(1, 2, 3, 4), ids), ...copies.of(Uint8Array.of(5), ids)]).toEqual([1, 2, 3, 4, 5]);
});

test("a bitmap that the caller changes between calls has the bits of a fresh index", async () => {
  const { file, queryOf } = HEADS.diffuse;
  const used = await open(file, LIMITS);
  const halves = [isInHalf, (id: number): boolean => !isInHalf(id)].map(bitmapOf);
  const few = bitmapOf((id) => id % 100 === 0);
  const reused = new Uint8Array(ITEM_COUNT / 8);
  const answers = (index: MultiIndex, bitmap: Uint8Array, temperature: number) => [
    index.predict(queryOf(0), 4, { allow: { bitmap }, temperature, seed: 2 }),
    index.topK(queryOf(1), 4, { allow: { bitmap }, temperature }),
    index.sample(queryOf(1), 4, { allow: { bitmap }, temperature, seed: 2 }),
  ];
  const [even, odd] = halves as [Uint8Array, Uint8Array];
  for (const [step, bits] of [even, even, odd, few, odd, even, few, few, even, odd, odd].entries()) {
    reused.set(bits);
    // The same bits in the same array, in another one, and after a call that fails.
    const given = step % 3 === 1 ? reused.slice() : reused;
    if (step % 4 === 3) {
      const fails = () => used.index.predict(new Float32Array(1), 4, { allow: { bitmap: even }, seed: 1 });
      expect(fails).toThrow(RangeError);
    }
    const temperature = step % 2 ? 1 : 0.8;
    expect(answers(used.index, given, temperature)).toEqual(
      answers((await open(file, LIMITS)).index, bits, temperature),
    );
  }
});
