// Data that may not be shipped. Benchmarks look for it in the folder that MIDX_DATA names, and skip what they do not
// find.
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = process.env.MIDX_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

/** Returns the folder of a data set. */
export const placeOf = (set: string): string => `${folder}/${set}`;

/** Returns whether a data set exists, and prints a line if it does not. */
export function haveData(set: string): boolean {
  if (existsSync(placeOf(set))) return true;
  console.log(`skipped: ${placeOf(set)} is absent (MIDX_DATA names the folder that has ${set})`);
  return false;
}

/** The items of each row, in order. */
export interface Sequences {
  readonly n: number;
  row(index: number): Uint16Array;
}

/** The functions that read the files of data sets. */
export interface Loader {
  rag(path: string): Sequences;
  u8(path: string): Uint8Array;
  u16(path: string): Uint16Array;
  f16(path: string): Float32Array;
  ptb(folder: string): { readonly train: Uint16Array; readonly valid: Uint16Array; readonly test: Uint16Array };
}

const loaderPlace = `${folder}/load.mjs`;

/** The loader lies beside the data; undefined if there is none. */
const found = existsSync(loaderPlace) ? ((await import(pathToFileURL(loaderPlace).href)) as Loader) : undefined;

export function loader(): Loader {
  if (found === undefined) throw new Error(`${loaderPlace} is absent (MIDX_DATA names the folder that has it)`);
  return found;
}
