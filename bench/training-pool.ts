import { Worker } from "node:worker_threads";
import type { Run, Trained } from "./training.ts";

export interface Pool {
  /** Trains all runs, with one run per thread at a time. */
  train(runs: readonly Run[], onTrained: (trained: Trained) => void): Promise<void>;
  close(): Promise<void>;
}

/** Opens a pool of training threads. Each trains one run at a time, so its CPU time is that of the run. */
export function openPool(threads: number): Pool {
  const workers = Array.from({ length: threads }, () => new Worker(new URL("./worker.ts", import.meta.url)));
  return {
    async train(runs, onTrained) {
      const waiting = [...runs];
      const work = async (worker: Worker): Promise<void> => {
        for (let run = waiting.shift(); run; run = waiting.shift()) onTrained(await answerOf(worker, run));
      };
      await Promise.all(workers.map(work));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

const answerOf = (worker: Worker, run: Run): Promise<Trained> =>
  new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(run);
  });
