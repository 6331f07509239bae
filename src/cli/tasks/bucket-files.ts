import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { inTemporaryFolder } from "../process/placing.ts";
import type { BucketPlace } from "../remote/remote-files.ts";
import { uploadFile } from "../remote/upload.ts";
import { type TaskFiles, withTemporary } from "./task-files.ts";

/** Each look is a request that costs money. */
const LOOK_AGAIN = 3000;

/** All users of a machine see its temporary folder. Whatever replaces a file keeps its permissions. */
const OWN_ONLY = 0o600;

/** The files of a plan in a bucket. Files in the making lie in the temporary folder of the machine. */
export function filesInBucket({ bucket, prefix }: BucketPlace): TaskFiles {
  const at = (file: string): string => `${prefix}${file}`;
  const remove = (file: string): Promise<void> => bucket.remove(at(file));
  return {
    lookAgain: LOOK_AGAIN,
    mayTear: false,
    shown: (file) => bucket.client.shown(at(file)),
    byteLengthOf: (file) => bucket.byteLengthOf(at(file)),
    read: (file) => bucket.get(at(file)),
    open: (file) => bucket.open(at(file)),
    async write(file, bytes) {
      await bucket.put(at(file), bytes);
    },
    async replace(file, bytes, before) {
      const condition = before?.etag === undefined ? "absent" : { etag: before.etag };
      if (await bucket.put(at(file), bytes, condition)) return true;
      const now = await bucket.get(at(file)); // a try whose answer was lost may have written it
      return now !== undefined && Buffer.compare(now.bytes, bytes) === 0;
    },
    withScratch: (file, action) =>
      withTemporary(
        join(tmpdir(), basename(file)),
        inTemporaryFolder(bucket.client.shown(at(file))),
        async (scratch) => {
          await writeFile(scratch, "", { flag: "wx", mode: OWN_ONLY });
          return action(scratch);
        },
      ),
    adopt: (scratch, file) => uploadFile(bucket, at(file), scratch),
    remove,
    async namesWith(beginnings) {
      const listed = await Promise.all(beginnings.map((beginning) => bucket.list(at(beginning))));
      return listed.flatMap((keys = []) => keys.map((key) => key.slice(prefix.length).replace(/\/$/, "")));
    },
    async removeFolder(folder, files) {
      for (const file of files) await remove(`${folder}/${file}`);
    },
  };
}
