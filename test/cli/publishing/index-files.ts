import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files.ts";
import { indexes } from "./indexes.ts";

/** The paths of small index files, all of them different. */
export async function writeIndexes(count: number): Promise<string[]> {
  const folder = makeFolder();
  return (await indexes(count)).map((bytes, i) => {
    const path = join(folder, `${i}.midx`);
    writeFileSync(path, bytes);
    return path;
  });
}
