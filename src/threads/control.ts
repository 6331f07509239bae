import { align16 } from "../memory/plan.ts";

// The words by which threads agree. A thread that wakes for a job first says that it is busy, and then looks whether the job
// is still open. So the thread that closes a job knows whom to wait for, and no other touches memory until the next job.

/** The most threads of an index. */
export const MOST_THREADS = 64;
/** The most characters of an error's message that are kept. */
const MESSAGE_LENGTH = 240;

/** The word that counts the jobs, on which threads sleep. */
const JOBS = 0;
/** 1 while blocks of the job may be taken. */
const OPEN = 1;
/** The next block of rows. */
const NEXT = 2;
/** 1 when the threads have to end. */
const ENDS = 3;
/** The number of the thread that failed first, and the length of its message. */
const FAILED = 4;
const FAILED_LENGTH = 5;
/** For each thread, 1 while it is busy. */
const BUSY = 8;
/** For each thread, the number of rows that it has read for the job. */
const SCORED = BUSY + MOST_THREADS;
const MESSAGE = SCORED + MOST_THREADS;

export const CONTROL_BYTES = align16(4 * MESSAGE + 2 * MESSAGE_LENGTH);

/** Returns true if this thread may sleep: the main thread of a page may not. */
export function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** The words of the threads of an index. Thread 0 is the one that calls the index. */
export class Control {
  private readonly words: Int32Array;
  private readonly message: Uint16Array;

  constructor({ buffer }: WebAssembly.Memory, address: number) {
    this.words = new Int32Array(buffer, address, MESSAGE);
    this.message = new Uint16Array(buffer, address + 4 * MESSAGE, MESSAGE_LENGTH);
  }

  /** Opens a job, which is in place, and wakes the threads. */
  open(): void {
    this.words.fill(0, SCORED, MESSAGE);
    Atomics.store(this.words, NEXT, 0);
    Atomics.add(this.words, JOBS, 1); // before it is open, so that a thread that finds it open knows its number
    Atomics.store(this.words, OPEN, 1);
    Atomics.notify(this.words, JOBS);
  }

  close(): void {
    Atomics.store(this.words, OPEN, 0);
  }

  /** Ends the threads as soon as they have no work. */
  end(): void {
    Atomics.store(this.words, ENDS, 1);
    Atomics.add(this.words, JOBS, 1);
    Atomics.notify(this.words, JOBS);
  }

  /** Takes blocks of the job, and reads them, until there are no more. Notes the number of rows that thread `number` has read. */
  readBlocks(number: number, blocks: number, read: (block: number) => number): void {
    let scored = 0;
    for (;;) {
      const block = Atomics.add(this.words, NEXT, 1);
      if (block >= blocks) break;
      scored += read(block);
    }
    this.words[SCORED + number] = scored;
  }

  /** The number of rows that all threads have read. */
  get scored(): number {
    return this.words.subarray(SCORED, MESSAGE).reduce((sum, rows) => sum + rows, 0);
  }

  isBusy(number: number): boolean {
    return Atomics.load(this.words, BUSY + number) === 1;
  }

  /** Sleeps until the thread is no longer busy, for at most this many milliseconds. */
  awaitThread(number: number, millis: number): void {
    Atomics.wait(this.words, BUSY + number, 1, millis);
  }

  /**
   * Does the work of each job that is open when thread `number` wakes, until the threads have to end. A thread may wake twice
   * for a job, and does it once: another time would lose the classes that it has collected.
   */
  serve(number: number, work: () => void): void {
    for (let seen = 0, done = 0; ; ) {
      Atomics.wait(this.words, JOBS, seen);
      seen = Atomics.load(this.words, JOBS);
      if (Atomics.load(this.words, ENDS) === 1) return;
      Atomics.store(this.words, BUSY + number, 1);
      try {
        if (Atomics.load(this.words, OPEN) !== 1) continue;
        seen = Atomics.load(this.words, JOBS);
        if (seen === done) continue;
        done = seen;
        work();
      } finally {
        Atomics.store(this.words, BUSY + number, 0);
        Atomics.notify(this.words, BUSY + number);
      }
    }
  }

  /** Notes that a thread has failed, unless another one has. */
  fail(number: number, message: string): void {
    const kept = message.slice(0, MESSAGE_LENGTH);
    if (Atomics.compareExchange(this.words, FAILED, 0, number) !== 0) return;
    for (let i = 0; i < kept.length; i++) this.message[i] = kept.charCodeAt(i);
    Atomics.store(this.words, FAILED_LENGTH, kept.length);
  }

  /** The thread that failed first and its message. It must not be busy any more. */
  get failure(): { readonly number: number; readonly message: string } | undefined {
    const number = Atomics.load(this.words, FAILED);
    if (number === 0) return undefined;
    const length = Atomics.load(this.words, FAILED_LENGTH);
    return { number, message: String.fromCharCode(...this.message.subarray(0, length)) };
  }
}
