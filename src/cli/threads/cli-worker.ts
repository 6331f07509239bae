import { parentPort, workerData } from "node:worker_threads";
import { instantiateTrainKernels } from "../../train/runtime/kernels.ts";
import type { PieceFunction } from "../../train/runtime/worker-pool.ts";
import type { Answer, Order, Start } from "./messages.ts";
import { openRows } from "./open-rows.ts";
import { Slab } from "./slab.ts";
import { taskNamed } from "./tasks.ts";

/*
 * A thread of a build. What it throws reaches the thread that started it, which ends the build.
 */

const port = parentPort as NonNullable<typeof parentPort>;
const { train, modules } = workerData as Start;
const tools = { train: instantiateTrainKernels(train), modules, openRows };

let perform: PieceFunction<unknown, unknown> | undefined;
const slabs: Slab[] = [];

async function obey(order: Order): Promise<void> {
  if ("task" in order) {
    perform = await taskNamed(order.task)(tools, order.plan);
    return;
  }
  const { slot, piece } = order;
  const slab = slabs[slot] ?? new Slab();
  slabs[slot] = slab;
  const result = await perform?.(piece);
  port.postMessage({ slot, result: slab.share(result) } satisfies Answer);
}

let last = Promise.resolve();
port.on("message", (order: Order) => {
  last = last.then(() => obey(order));
});
