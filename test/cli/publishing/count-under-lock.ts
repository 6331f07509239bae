// node count-under-lock.ts FOLDER TIMES FATAL adds one to the number in a file TIMES times, under a lock. It kills itself
// at number FATAL, while it holds the lock, and prints a line for each addition.
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../src/cli/publishing/file-lock.ts";

const [folder = "", times, fatal] = process.argv.slice(2);
const counter = join(folder, "counter");
for (let time = 0; time < Number(times); time++) {
  await withLock(join(folder, "lock"), {}, async () => {
    if (time === Number(fatal)) process.kill(process.pid, "SIGKILL");
    const before = Number(readFileSync(counter, "utf8"));
    await sleep(1);
    writeFileSync(counter, String(before + 1));
    writeSync(1, "added\n");
  });
}
