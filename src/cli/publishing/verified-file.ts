import { load } from "../../index.ts";
import { naming } from "../inputs/file.ts";
import { readIndexFile } from "../stated-bytes.ts";

/** The bytes of an index file, which the library has loaded and checked, and its content id. Errors name the file. */
export const readVerified = (path: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; contentId: string }> =>
  naming(path, async () => {
    const bytes = await readIndexFile(path);
    const index = await load(bytes);
    const { contentId } = index.info;
    index.dispose();
    return { bytes, contentId };
  });
