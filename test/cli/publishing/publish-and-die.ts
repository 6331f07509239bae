// node publish-and-die.ts FOLDER FILE VERSION MAX_PART_BYTES CALL MOMENT publishes a file to a folder and kills itself at a
// call of the store, before the call or the given number of milliseconds after its start. It ends with status 0 if there
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
  return new Promise(() => {}); // never resolves
});
await publish(store, "words/current.json", await readFile(file), { version, maxPartBytes: Number(maxPartBytes) });
