import type { IndexInfo } from "../../index/info.ts";
import { asIndex } from "../files/foreign-files.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { loadAsWorker } from "./load-as-worker.ts";

export interface VerifiedFile {
  /** Not a Buffer: the stores of some versions of wrangler accept a Uint8Array only by the name of its class. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The facts as a Worker has them: `memoryBytes` is the memory that it needs. */
  readonly info: IndexInfo;
}

/** Reads an index file and checks it by loading it. Errors name the file. */
export const readVerified = (path: string): Promise<VerifiedFile> =>
  asIndex(path, async () => verified(await readIndexFile(path)));

/** Checks the bytes of an index by loading them. */
export async function verified(bytes: Uint8Array<ArrayBuffer>): Promise<VerifiedFile> {
  return { bytes, info: await loadAsWorker(bytes) };
}
