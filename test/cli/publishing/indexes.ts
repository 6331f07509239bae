import { buildIndex } from "../../fixtures/build-index.ts";
import { noise } from "../noise.ts";

/** Small index files of about 5 KB, all of them different. */
export const indexes = (count: number): Promise<Uint8Array<ArrayBuffer>[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) => buildIndex({ data: noise(100 * 8, i + 1), shape: [100, 8] }, { bits: 2 })),
  );

/** The part size with which each of them has three parts. */
export const SMALL_PARTS = 1700;
