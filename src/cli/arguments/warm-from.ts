import { load } from "../../index.ts";
import { asIndex } from "../files/foreign-files.ts";
import { readIndexFile } from "../files/stated-bytes.ts";

/** Options of a build that begins with an older index. */
export interface WarmArguments {
  readonly warmFrom?: string;
  readonly warmPasses?: number;
  readonly compare?: true;
}

/** The older index and what is done with it. Its faults name the file. */
export async function readWarm({ warmFrom, warmPasses, compare }: WarmArguments) {
  if (warmFrom !== undefined) {
    return {
      warmFrom: await asIndex(warmFrom, async () => checkedIndex(await readIndexFile(warmFrom))),
      ...(warmPasses !== undefined && { warmPasses }),
    };
  }
  const alone = warmPasses === undefined ? compare && "compare" : "warm-passes";
  if (alone) throw new RangeError(`"${alone}" expected "warm-from" beside it`);
  return {};
}

/** FormatError for what is no whole index. */
async function checkedIndex(file: Uint8Array): Promise<Uint8Array> {
  (await load(file)).dispose();
  return file;
}
