import type { BuildOptions } from "../../train/build/build-options.ts";
import { asIndex } from "../files/foreign-files.ts";
import { loadHere } from "../files/load-here.ts";
import { readIndexFile } from "../files/stated-bytes.ts";

/** Options of a build that starts from an older index. */
export interface WarmArguments {
  readonly warmFrom?: string;
  readonly warmPasses?: number;
  readonly compare?: true;
}

/** The options of the library. */
type WarmOptions = Pick<BuildOptions, "warmFrom" | "warmPasses">;

/** Reads the older index. Errors name its file. */
export async function readWarm({ warmFrom, warmPasses, compare }: WarmArguments): Promise<WarmOptions> {
  if (warmFrom !== undefined) {
    return {
      warmFrom: await asIndex(warmFrom, async () => checkedIndex(await readIndexFile(warmFrom))),
      ...(warmPasses !== undefined && { warmPasses }),
    };
  }
  const dependent = warmPasses === undefined ? compare && "compare" : "warm-passes";
  if (dependent) throw new RangeError(`'--${dependent}' needs '--warm-from'`);
  return {};
}

/** Throws a FormatError for a file that is not a complete index. */
async function checkedIndex(file: Uint8Array): Promise<Uint8Array> {
  (await loadHere(file)).dispose();
  return file;
}
