import { sha256 } from "../../golden/hash-answers.ts";
import { goldenMatrix, goldenOptions } from "../../golden/input.ts";

/** SHA-256 of the golden index file, built in this runtime. */
export const buildGolden = async (build: typeof import("../../../src/train/index.ts").build): Promise<string> =>
  sha256(await build(goldenMatrix, goldenOptions));
