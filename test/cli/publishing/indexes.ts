import { buildIndex } from "../../fixtures/build-index.ts";
import { onceFor } from "../../run/once-for.ts";
import { noise } from "../noise.ts";

const built = onceFor((i: number) => buildIndex({ data: noise(100 * 8, i + 1), shape: [100, 8] }, { bits: 2 }));

/** Small index files of about 5 KB, all of them different. Each process of the tests builds them once. */
export const indexes = (count: number): Promise<Uint8Array<ArrayBuffer>[]> =>
  Promise.all(Array.from({ length: count }, async (_, i) => Uint8Array.from(await built(i))));

/** The part size with which each of them has three parts. */
export const SMALL_PARTS = 1700;
