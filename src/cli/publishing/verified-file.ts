import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { type IndexInfo, load } from "../../index.ts";
import { asIndex } from "../files/foreign-files.ts";
import { readIndexFile } from "../files/stated-bytes.ts";

export interface VerifiedFile {
  /** No Buffer: the stores of some versions of wrangler take a Uint8Array by the name of its class. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As a Worker would load the file: `memoryBytes` is what an isolate needs for it. */
  readonly info: IndexInfo;
}

/** The bytes of an index file, which the library has loaded and checked. Errors name the file. */
export const readVerified = (path: string): Promise<VerifiedFile> =>
  asIndex(path, async () => {
    const bytes = await readIndexFile(path);
    const index = await load(bytes, INDEX_LIMITS);
    const { info } = index;
    index.dispose();
    return { bytes, info };
  });
