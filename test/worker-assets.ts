import { mkdir, writeFile } from "node:fs/promises";
import { build } from "../src/train/index.ts";

const DIRECTORY = new URL("../build/test-assets/", import.meta.url);
const ITEM_COUNT = 300;
const DIM = 8;

/** Writes the assets of the Worker under test, one small index. Runs in Node, before workerd starts. */
export default async function writeWorkerAssets(): Promise<void> {
  const data = Float32Array.from({ length: ITEM_COUNT * DIM }, (_, i) => ((i * 7919) % 1021) / 510 - 1);
  const bias = Float32Array.from({ length: ITEM_COUNT }, (_, i) => ((i * 31) % 17) / 8 - 1);
  const file = await build({ data, shape: [ITEM_COUNT, DIM] }, { bias, bits: 3, seed: 1 });
  await mkdir(DIRECTORY, { recursive: true });
  await writeFile(new URL("index.midx", DIRECTORY), file);
}
