import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../src/train/index.ts";
import { publish } from "../worker/publish.ts";

const DIRECTORY = fileURLToPath(new URL("../../build/test-assets/", import.meta.url));
const ITEM_COUNT = 300;
const DIM = 8;

/**
 * Writes the assets of the Worker under test: small indexes, one of which is also published as words/current.json. It runs in Node,
 * before workerd starts.
 */
export default async function writeWorkerAssets(): Promise<void> {
  const data = Float32Array.from({ length: ITEM_COUNT * DIM }, (_, i) => ((i * 7919) % 1021) / 510 - 1);
  const bias = Float32Array.from({ length: ITEM_COUNT }, (_, i) => ((i * 31) % 17) / 8 - 1);
  const options = { bits: 3, seed: 1, calibrate: "off" } as const;
  const file = await build({ data, shape: [ITEM_COUNT, DIM] }, { bias, ...options });
  const other = await build({ data: data.map((value) => -value), shape: [ITEM_COUNT, DIM] }, { ...options, seed: 2 });
  const wide = await build({ data, shape: [ITEM_COUNT / 2, DIM * 2] }, options);
  await put("index.midx", file);
  await put("wide.midx", wide);
  await put("other.midx", other);
  await put("what next? #1: 100%.midx", other);
  await publish(put, "words/current.json", file, "asset-1");
  await put("page/index.html", "<!doctype html><title>a page</title>");
  await put("page/page.js", "// a script");
  for (const name of ["openapi.json", "sequences-openapi.json", "live-openapi.json", "live-sequences-openapi.json"]) {
    await put(name, JSON.stringify({ openapi: "3.1.0", name }));
  }
}

async function put(path: string, content: Uint8Array | string): Promise<void> {
  const target = join(DIRECTORY, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}
