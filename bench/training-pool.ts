import { Worker } from "node:worker_threads";

export interface Pool<Run, Trained> {
  /** Trains all runs, with one run per thread at a time. */
  train(runs: readonly Run[], onTrained: (trained: Trained) => void): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a pool of training threads, whose script answers a message with a run by one with its result. Each trains one run at a
 * time, so its CPU time is that of the run.
 */
export function openPool<Run, Trained>(script: URL, threads: number): Pool<Run, Trained> {
  const workers = Array.from({ length: threads }, () => new Worker(script));
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

const answerOf = <Run, Trained>(worker: Worker, run: Run): Promise<Trained> =>
  new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(run);
  });
