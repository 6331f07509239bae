import { Control, maySleep } from "./control.ts";
import { type Job, writeJob } from "./job.ts";
import { type StartedThread, startThread } from "./started-thread.ts";
import type { ThreadStart } from "./thread.ts";

/** After this long without the last blocks of a job, a thread counts as dead. A block takes milliseconds. */
const PATIENCE_MILLIS = 60_000;

/** The message that all threads of a pool start with, without their numbers. */
export type PoolStart = Omit<ThreadStart, "number">;

/** The threads of one index, beside the one that calls it. */
export class ThreadPool {
  private readonly start: PoolStart;
  private readonly control: Control;
  private readonly patience: number;
  private readonly maySleep = maySleep();
  private readonly threads: StartedThread[] = [];
  private failure: Error | undefined;
  private isReady = false;
  private hasEnded = false;

  constructor(start: PoolStart, patience: number = PATIENCE_MILLIS) {
    this.start = start;
    this.patience = patience;
    this.control = new Control(start.memory, start.places.shared.control);
  }

  /** Starts the threads, and returns when all of them are ready. Rejects if one cannot start. */
  async begin(): Promise<void> {
    const { start } = this;
    const ready = start.places.own.map(
      (_, i) =>
        new Promise<void>((resolve, reject) => {
          const number = i + 1;
          const onEnd = (reason: string): void => {
            this.fail(number, reason);
            reject(this.failure);
          };
          const thread = startThread({ onMessage: resolve, onEnd });
          this.threads.push(thread);
          thread.send({ ...start, number } satisfies ThreadStart);
        }),
    );
    await Promise.all(ready);
    this.isReady = true;
  }

  /** Returns true if there are threads to do a job. Throws the Error of a thread that has failed. */
  canRun(): boolean {
    if (this.failure) throw this.failure;
    return this.isReady && this.threads.length > 0 && !this.hasEnded;
  }

  /** Does a job together with the other threads, and returns the number of rows read. `read` reads a block on this one. */
  run(job: Job, blocks: number, read: (block: number) => number): number {
    const { control, start } = this;
    writeJob(start.memory, start.places.shared.job, job);
    control.open();
    try {
      control.readBlocks(0, blocks, read);
    } finally {
      control.close();
      for (const i of start.places.own.keys()) this.awaitThread(i + 1);
    }
    const failed = control.failure;
    if (failed) this.fail(failed.number, failed.message);
    if (this.failure) throw this.failure;
    return control.scored;
  }

  /** Ends the threads. */
  end(): void {
    this.hasEnded = true;
    this.control.end();
    for (const thread of this.threads) thread.end();
  }

  /** Waits for the last block of a thread. A page's main thread may not sleep, and looks again and again. */
  private awaitThread(number: number): void {
    const { control, patience } = this;
    const end = performance.now() + patience;
    while (control.isBusy(number)) {
      if (performance.now() >= end) {
        this.fail(number, `it has not answered for ${patience} ms`);
        return;
      }
      if (this.maySleep) control.awaitThread(number, patience);
    }
  }

  /** Keeps the first failure. Every later call throws it: a thread that is lost may still write. */
  private fail(number: number, reason: string): void {
    if (this.hasEnded) return;
    const count = this.start.places.own.length + 1;
    this.failure ??= new Error(
      `thread ${number + 1} of ${count} failed: ${reason}; dispose of the index and load it again`,
    );
  }
}
