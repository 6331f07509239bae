// The cost of changes for a call: rows that were added and classes that were removed, in predicts and exact top k of the same
// run (npx node bench/changes.ts, after `npm run build:kernels`). The kinds of calls take turns in one process. 100,000 classes,
// or the number given as an argument.
import { applyChanges } from "../src/changes/index.ts";
import { haveTokens } from "./heads.ts";
import { changedTokens, UNCHANGED } from "./live/call-costs.ts";
import { cpuMillis } from "./timing.ts";

const ROWS = [100, 1000, 10_000];
const TURNS = 20;
const [itemCount = 100_000] = process.argv.slice(2).map(Number);

if (haveTokens()) {
  const tokens = await changedTokens(itemCount);
  console.log(`${itemCount} classes, µs a call (median)`);
  for (const [name, times] of Object.entries(await tokens.times(ROWS))) {
    const unit = times[UNCHANGED] as number;
    for (const [kind, time] of Object.entries(times)) {
      console.log(`${name}, ${kind}: ${time.toFixed(0)} (${time >= unit ? "+" : ""}${(time - unit).toFixed(0)})`);
    }
  }
  const most = ROWS.at(-1) as number;
  const full = await tokens.changed(tokens.upserts(most, itemCount));
  for (const count of [1, 100]) {
    const start = cpuMillis();
    for (let turn = 0; turn < TURNS; turn++) applyChanges(full, tokens.upserts(count, itemCount + 37 * turn));
    const millis = ((cpuMillis() - start) / TURNS).toFixed(2);
    console.log(`applyChanges of ${count} rows to ${most}: ${millis} ms of CPU`);
  }
}
