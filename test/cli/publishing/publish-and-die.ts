// Publishes a file to a folder and kills itself at a call of the store: node publish-and-die.ts FOLDER FILE VERSION
// MAX_PART_BYTES CALL MOMENT, before the call or so many milliseconds after it has begun. Ends with status 0 where there
// are fewer calls.
import { readFile } from "node:fs/promises";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { around } from "./memory-store.ts";

const [folder = "", file = "", version = "", maxPartBytes, fatal, moment] = process.argv.slice(2);
const die = (): void => void process.kill(process.pid, "SIGKILL");

const store = around(folderStore(folder), async (run, at) => {
  if (at !== Number(fatal)) return run();
  if (moment === "before") die();
  setTimeout(die, Number(moment));
  await run();
  return new Promise(() => {}); // does not go on
});
await publish(store, "words/current.json", await readFile(file), { version, maxPartBytes: Number(maxPartBytes) });
