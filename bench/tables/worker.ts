import { parentPort } from "node:worker_threads";
import { readSet, type TableSet } from "./sets.ts";
import { type Run, trainRun } from "./training.ts";

let held: { readonly name: Run["set"]; readonly set: TableSet } | undefined;

parentPort?.on("message", async (run: Run) => {
  if (held?.name !== run.set) held = { name: run.set, set: readSet(run.set) };
  parentPort?.postMessage(await trainRun(held.set, run));
});
