import { Worker } from "node:worker_threads";
import type { Answer, Order, Start } from "./messages.ts";

interface Awaited {
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

/** One thread, and the pieces it has been given and not answered. */
export class Member {
  private readonly worker: Worker;
  private readonly awaited = new Map<number, Awaited>();
  private failure: { readonly reason: unknown } | undefined;

  constructor(script: URL, start: Start, onFailure: (error: Error) => void) {
    this.worker = new Worker(script, { workerData: start });
    this.worker.on("message", ({ slot, result }: Answer) => {
      this.awaited.get(slot)?.resolve(result);
      this.awaited.delete(slot);
    });
    this.worker.on("error", onFailure);
    this.worker.on("messageerror", onFailure);
    this.worker.on("exit", (code) => onFailure(new Error(`it ended with exit code ${code}`)));
  }

  order(order: Order): void {
    this.worker.postMessage(order);
  }

  /** The result that the thread makes of the piece. */
  give(slot: number, piece: unknown): Promise<unknown> {
    const result = new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure.reason);
      this.awaited.set(slot, { resolve, reject });
      this.order({ slot, piece });
    });
    result.catch(() => {}); // it may fail before its turn
    return result;
  }

  /** Nothing more is to be expected of the thread; the first reason stays. */
  fail(reason: unknown): void {
    this.failure ??= { reason };
    for (const { reject } of this.awaited.values()) reject(this.failure.reason);
    this.awaited.clear();
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
