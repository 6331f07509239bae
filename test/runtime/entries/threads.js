// Node, Deno and Bun print the report; a page leaves a promise of it, and a worker of a page sends it.
import { load } from "midx";
import { threads } from "midx/threads";
import { build } from "midx/train";
import { compareThreads } from "./program.js";

const report = compareThreads({ load, threads, build });
if (typeof document !== "undefined") globalThis.report = report;
else if (typeof WorkerGlobalScope === "undefined") console.log(JSON.stringify(await report));
else report.then(postMessage);
