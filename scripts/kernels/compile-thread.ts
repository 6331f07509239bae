// A thread of build.ts. Loading the compiler takes as long as compiling a target, so each thread compiles several.
import { parentPort, workerData } from "node:worker_threads";
import { compile } from "./compile.ts";
import type { Target } from "./targets.ts";

const { root, compiler } = workerData as { root: string; compiler: string };

parentPort?.on("message", async (target: Target) => {
  const answer = await compile(root, target, compiler).catch((error: Error) => error);
  parentPort?.postMessage(answer);
});
