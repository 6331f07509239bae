import { fuzzLoad } from "../test/hostile/targets.ts";

/** Fuzzes load and every method of an index with files that the bytes edit, with correct checksums. */
export async function fuzz(data: Uint8Array): Promise<void> {
  await fuzzLoad(data);
}
