import type { ReferenceIndex } from "./reference/reference-index.ts";

/** A bit for each class, lowest first. */
export function bitmapOf({ facts: { itemCount } }: ReferenceIndex, takesPart: (id: number) => boolean): Uint8Array {
  const bitmap = new Uint8Array(8 * Math.ceil(itemCount / 64));
  for (let id = 0; id < itemCount; id++) if (takesPart(id)) (bitmap[id >> 3] as number) |= 1 << (id & 7);
  return bitmap;
}
