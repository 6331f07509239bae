import { parentPort, workerData } from "node:worker_threads";
import { instantiateTrainKernels } from "../../train/runtime/kernels.ts";
import type { PieceFunction } from "../../train/runtime/worker-pool.ts";
import type { Reply, Request, Start } from "./messages.ts";
import { openRows } from "./open-rows.ts";
import { Slab } from "./slab.ts";
import { taskNamed } from "./tasks.ts";

/*
 * A thread of a build. Its errors reach the thread that started it, which ends the build.
 */

const port = parentPort as NonNullable<typeof parentPort>;
const { train, modules } = workerData as Start;
const tools = { train: instantiateTrainKernels(train), modules, openRows };

let processPiece: PieceFunction<unknown, unknown> | undefined;
const slabs: Slab[] = [];

async function handle(request: Request): Promise<void> {
  if ("task" in request) {
    processPiece = await taskNamed(request.task)(tools, request.plan);
    return;
  }
  const { slot, piece } = request;
  const slab = slabs[slot] ?? new Slab();
  slabs[slot] = slab;
  const result = await processPiece?.(piece);
  port.postMessage({ slot, result: slab.share(result) } satisfies Reply);
}

let last = Promise.resolve();
port.on("message", (request: Request) => {
  last = last.then(() => handle(request));
});
