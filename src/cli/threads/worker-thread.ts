import { Worker } from "node:worker_threads";
import type { Reply, Request, Start } from "./messages.ts";

interface Pending {
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

/**
 * The memory for the short-lived objects of a thread, in MiB. Its work is in typed arrays, so it needs little. The default
 * of Node adds 36 MiB to the peak of a build with three threads, more than --max-memory foresees on a busy machine.
 */
const YOUNG_MIB = 6;

/** One thread, and the pieces that it has not answered yet. */
export class WorkerThread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private failure: { readonly reason: unknown } | undefined;

  constructor(script: URL, start: Start, onFailure: (error: Error) => void) {
    this.worker = new Worker(script, { workerData: start, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
    this.worker.on("message", ({ slot, result }: Reply) => {
      this.pending.get(slot)?.resolve(result);
      this.pending.delete(slot);
    });
    this.worker.on("error", onFailure);
    this.worker.on("messageerror", onFailure);
    this.worker.on("exit", (code) => onFailure(new Error(`it ended with exit code ${code}`)));
  }

  send(request: Request): void {
    this.worker.postMessage(request);
  }

  /** Sends a piece and returns its result. */
  process(slot: number, piece: unknown): Promise<unknown> {
    const result = new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure.reason);
      this.pending.set(slot, { resolve, reject });
      this.send({ slot, piece });
    });
    result.catch(() => {}); // it may fail before anyone awaits it
    return result;
  }

  /** Rejects all pending pieces and those to come, with the first reason. */
  fail(reason: unknown): void {
    this.failure ??= { reason };
    for (const { reject } of this.pending.values()) reject(this.failure.reason);
    this.pending.clear();
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
