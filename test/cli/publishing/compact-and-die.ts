// node compact-and-die.ts FOLDER CALL MOMENT compacts what is published in a folder and kills itself at a call of the store or of
// the store of the log, before the call or the given number of milliseconds after its start. It ends with status 0 if there are
// fewer calls.
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";
import { compactTo, LOG } from "./compacting.ts";
import { around } from "./memory-store.ts";

const [folder = "", fatal, moment] = process.argv.slice(2);
const die = (): void => void process.kill(process.pid, "SIGKILL");

let calls = 0;
async function arrange<T>(run: () => Promise<T>): Promise<T> {
  if (++calls !== Number(fatal)) return run();
  if (moment === "before") die();
  setTimeout(die, Number(moment));
  await run();
  return new Promise(() => {}); // never resolves
}

const segments = folderSegments(folder);
const dying: SegmentStore = {
  name: segments.name,
  get: (key) => arrange(() => segments.get(key)),
  has: (key) => arrange(() => segments.has(key)),
  list: (prefix, behind) => arrange(() => segments.list(prefix, behind)),
  put: (key, bytes, condition) => arrange(() => segments.put(key, bytes, condition)),
  remove: (key) => arrange(() => segments.remove(key)),
};
const store = around(folderStore(folder), (run) => arrange(run));
await compactTo(store, new SegmentLog(dying, LOG));
