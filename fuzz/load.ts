import { fuzzLoad } from "../test/hostile/targets.ts";

/** load and every method of an index, on files edited as the bytes say, their checksums right. */
export async function fuzz(data: Uint8Array): Promise<void> {
  await fuzzLoad(data);
}
