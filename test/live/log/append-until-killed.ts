// Appends sets to the log in a folder until it is killed, and prints the number and the name of each set that was acknowledged.
// Of each key every second call repeats the one before.
import { writeSync } from "node:fs";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";

const [folder = "", name = ""] = process.argv.slice(2);
const log = new SegmentLog(folderSegments(folder), "words/log/");
for (let call = 0; ; call++) {
  const key = `${name} ${call >> 1}`;
  const { sequence } = await log.append(encodeLoggedSet({ upserts: { labels: [key], rows: new Float32Array(1) } }), {
    key,
  });
  writeSync(1, `${sequence} ${key}\n`);
  if (call % 40 === 39) await log.trim(10);
}
