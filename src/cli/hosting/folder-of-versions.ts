import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Store } from "../../../worker/publication/store.ts";
import { expectFile } from "../files/file-kind.ts";

/** A folder of index files and pointers, from which a service in this process reads. A pointer is its own tag. */
export const folderOfVersions = (folder: string): Store => ({
  name: `folder ${folder}`,
  async open(key) {
    const path = join(folder, key);
    try {
      await stat(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    await expectFile(path);
    return { tag: undefined, body: Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array> };
  },
});
