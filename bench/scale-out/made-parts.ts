import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { type Manifest, serialiseManifest } from "../../src/publication/manifest.ts";
import { build } from "../library.ts";
import { startNoise } from "../noise.ts";
import { manifestOfFiles } from "./manifest-of-files.ts";

export const DIM = 64;
const CENTRES = 1000;

/** Rows around centres, in an order that is the same for any split. */
function madeRows(count: number): Float32Array {
  const next = startNoise();
  const centres = Float32Array.from({ length: CENTRES * DIM }, next);
  return Float32Array.from({ length: count * DIM }, (_, i) => {
    const row = Math.floor(i / DIM);
    return (centres[(row % CENTRES) * DIM + (i % DIM)] as number) + next() / 2;
  });
}

/** A table in parts, in a folder and in memory. */
export interface MadeParts {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  readonly parted: PartedIndex;
}

/** Builds a table of `rows` rows in parts of equal sizes, and writes them into a folder. */
export async function madeParts(folder: string, rows: number, parts: number): Promise<MadeParts> {
  const data = madeRows(rows);
  const size = rows / parts;
  const built: Uint8Array<ArrayBuffer>[] = [];
  for (let number = 0; number < parts; number++) {
    const [first, end] = [number * size * DIM, (number + 1) * size * DIM];
    built.push(await build({ data: data.slice(first, end), shape: [size, DIM] }, { seed: 1, calibrate: "off" }));
  }
  const { manifest, files, indexes } = await manifestOfFiles(`parts-${parts}`, built);
  mkdirSync(folder, { recursive: true });
  for (const [i, { file = "" }] of manifest.parts.entries()) writeFileSync(join(folder, file), files[i] as Uint8Array);
  writeFileSync(join(folder, "manifest.json"), serialiseManifest(manifest));
  const { generation } = manifest;
  return {
    folder,
    manifest,
    files,
    parted: new PartedIndex(indexes.map((index, number) => partOf(index, { number, generation }))),
  };
}

/** Queries that follow one another. */
export function queries(count: number): Float32Array[] {
  const next = startNoise();
  return Array.from({ length: count }, () => Float32Array.from({ length: DIM }, next));
}
