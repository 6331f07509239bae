import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { goldenMatrix, goldenOptions } from "../golden/input.ts";
import { encoderFile } from "../golden/sequences-golden.ts";
import type { Files } from "./program/library.ts";

/** Builds the files that runtimes load with the `midx/train` at this path. */
export async function oddFiles(train: string): Promise<Files> {
  const { build }: typeof import("../../src/train/index.ts") = await import(pathToFileURL(train).href);
  const dim = goldenMatrix.shape[1];
  const row = goldenMatrix.data.subarray(0, dim);
  const equal = Float32Array.from({ length: 50 * dim }, (_, i) => row[i % dim] as number);
  const small: Uint8Array<ArrayBuffer>[] = [];
  for (let itemCount = 0; itemCount <= 40; itemCount++) {
    const data = goldenMatrix.data.subarray(0, itemCount * dim);
    for (let bits = 0; bits <= 4; bits++) {
      // A calibration takes a hundred times as long as the rest of so small a build, so one index for each `bits` has it.
      const calibrate = itemCount === 10 * bits ? "quick" : "off";
      small.push(await build({ data, shape: [itemCount, dim] }, { bits, calibrate }));
    }
  }
  return {
    golden: new Uint8Array(readFileSync(new URL("../golden/index.midx", import.meta.url))),
    withoutCodes: await build(goldenMatrix, { ...goldenOptions, fineCodes: false }),
    empty: await build({ data: new Float32Array(0), shape: [0, dim] }),
    single: await build({ data: row, shape: [1, dim] }),
    equal: await build({ data: equal, shape: [50, dim] }, { bits: 6 }),
    small,
    encoder: await encoderFile(build),
  };
}
