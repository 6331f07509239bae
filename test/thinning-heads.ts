import { clusteredHead, gaussianHead } from "../bench/trust/synthetic.ts";
import { buildIndex } from "./build-index.ts";
import type { Open } from "./open.ts";
import { EVERY } from "./size.ts";

// Output layers with so many classes that bitmaps thin out, and such bitmaps.

export const ITEM_COUNT = 20_000;
export const SIZES = { itemCount: ITEM_COUNT, dim: 16, queryCount: EVERY ? 24 : 12, seed: 21 };
export const LIMITS = { maxDraws: 4096, maxScan: 8192, maxK: 12_000, maxChanged: 1000 };

export type TakesPart = (id: number) => boolean;
export const isInHalf: TakesPart = (id) => ((Math.imul(id, 0x9e3779b1) >>> 9) & 1) === 0;

export function bitmapOf(takesPart: TakesPart): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(ITEM_COUNT / 8));
  for (let id = 0; id < ITEM_COUNT; id++) if (takesPart(id)) (bitmap[id >> 3] as number) |= 1 << (id & 7);
  return bitmap;
}

export const allowing = (takesPart: TakesPart) => ({ allow: { bitmap: bitmapOf(takesPart) } });
export const HALF = allowing(isInHalf);

async function headOf({ data, bias, queries, dim }: ReturnType<typeof clusteredHead>, fineCodes: boolean) {
  const options = { ...(bias && { bias }), fineCodes, seed: 1, rowType: "f32" } as const;
  const file = await buildIndex({ data, shape: [ITEM_COUNT, dim] }, options);
  return { file, queryOf: (row: number): Float32Array => queries.subarray(row * dim, (row + 1) * dim) };
}

export const HEADS = {
  "clustered, with fine codes": await headOf(clusteredHead({ ...SIZES, seed: 22 }), true),
  diffuse: await headOf(gaussianHead({ ...SIZES, dim: 12, seed: 23 }), false),
};
export type HeadName = keyof typeof HEADS;
export const NAMES = Object.keys(HEADS) as HeadName[];

/** Returns whether the last call thinned out. */
export const isThin = ({ opened }: Open): boolean => opened.conditions.thinnedShare !== undefined;
