import { parentPort } from "node:worker_threads";
import type { Run } from "./plan.ts";
import { readSet, type SequenceSet } from "./sets.ts";
import { trainRun } from "./training.ts";

let held: { readonly name: Run["set"]; readonly set: SequenceSet } | undefined;

parentPort?.on("message", async (run: Run) => {
  if (held?.name !== run.set) held = { name: run.set, set: readSet(run.set) };
  parentPort?.postMessage(await trainRun(held.set, run));
});
