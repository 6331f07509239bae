import type { IndexInfo } from "../../index.ts";
import { asIndex } from "../files/foreign-files.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { loadAsWorker } from "./load-as-worker.ts";

export interface VerifiedFile {
  /** Not a Buffer: the stores of some versions of wrangler accept a Uint8Array only by the name of its class. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The facts with the limits of a Worker: `memoryBytes` is the memory that an isolate needs. */
  readonly info: IndexInfo;
}

/** Reads an index file and checks it by loading it. Errors name the file. */
export const readVerified = (path: string): Promise<VerifiedFile> =>
  asIndex(path, async () => {
    const bytes = await readIndexFile(path);
    const index = await loadAsWorker(bytes);
    const { info } = index;
    index.dispose();
    return { bytes, info };
  });
