import { describe, expect, it } from "vitest";
import { positionOf } from "../../worker/middleware/tokens.ts";

const known = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) & 255);
const other = known.map((byte) => byte ^ 255);

/** `known` with one bit flipped. */
const turned = (bit: number) => known.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

/** A digest that counts the reads of each byte. */
function watched(digest: Uint8Array) {
  const reads = new Array<number>(32).fill(0);
  const proxy = new Proxy(digest, {
    get(target, name) {
      if (typeof name === "string" && /^\d+$/.test(name)) reads[Number(name)] = (reads[Number(name)] ?? 0) + 1;
      return Reflect.get(target, name, target);
    },
  });
  return { reads, proxy };
}

describe("digests of tokens", () => {
  it("are compared in each of their 256 bits", () => {
    for (let bit = 0; bit < 256; bit++) {
      expect(positionOf(turned(bit), [known]), `bit ${bit}`).toBe(-1);
      expect(positionOf(known, [turned(bit)]), `bit ${bit}`).toBe(-1);
      expect(positionOf(known, [turned(bit), known])).toBe(1);
    }
  });

  it("are no match where one is shorter or longer, even if all that it has is alike or zero", () => {
    const zeros = new Uint8Array(32);
    for (const length of [0, 1, 31]) {
      expect(positionOf(known, [known.subarray(0, length)])).toBe(-1);
      expect(positionOf(known.subarray(0, length), [known])).toBe(-1);
      expect(positionOf(known.subarray(0, length), [known.subarray(0, length)])).toBe(-1);
      expect(positionOf(zeros, [zeros.subarray(0, length)])).toBe(-1);
    }
    expect(positionOf(known, [Uint8Array.of(...known, 0)])).toBe(-1);
    expect(positionOf(known, [])).toBe(-1);
  });

  it("are found at every place of the list", () => {
    for (let place = 0; place < 5; place++) {
      const list = Array.from({ length: 5 }, (_, i) => (i === place ? known : other));
      expect(positionOf(known, list)).toBe(place);
    }
  });

  it("are all read to their last byte, wherever the match is and whether there is one", () => {
    for (const given of [known, other, turned(0), turned(255)]) {
      const list = [watched(known), watched(other), watched(turned(7)), watched(known)];
      positionOf(
        given,
        list.map(({ proxy }) => proxy),
      );
      for (const { reads } of list) expect(reads).toEqual(new Array(32).fill(1));
    }
  });
});
