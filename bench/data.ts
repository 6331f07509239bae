// Data that may not be shipped: benches look for it where MIDX_DATA says, and skip what is absent.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = process.env.MIDX_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

/** The folder of a data set. */
export const placeOf = (set: string): string => `${folder}/${set}`;

/** Whether a data set is there; says so where it is not. */
export function haveData(set: string): boolean {
  if (existsSync(placeOf(set))) return true;
  console.log(`skipped: ${placeOf(set)} is absent (MIDX_DATA names the folder that has ${set})`);
  return false;
}

/** Where the loader of all data sets lies. */
export const loaderPlace = `${folder}/load.mjs`;
