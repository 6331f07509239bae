import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, expect, test, vi } from "vitest";
import { LAYOUT_REGIONS } from "../../build/structs.ts";
import { Control } from "../../src/threads/control.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";
import { openThreaded } from "./open-threaded.ts";

const [N, DIM] = [4500, 9];
const building = buildIndex({ data: randomRows(N * DIM, 1), shape: [N, DIM] }, { bits: 3, seed: 1, rowType: "f32" });
const query = randomRows(DIM, 2);
const nap = new Int32Array(new SharedArrayBuffer(4));

afterEach(() => void vi.restoreAllMocks());

/** Opens an index with two threads. `workers` are those that it starts, each with the program that `programOf` makes. */
async function openWatched(options: { patience?: number; programOf?: (program: string) => string } = {}) {
  const workers: Worker[] = [];
  const { programOf = (program) => program } = options;
  class Watched extends Worker {
    constructor(program: string, given: object) {
      super(programOf(program), given);
      workers.push(this);
    }
  }
  vi.spyOn(process, "getBuiltinModule").mockReturnValue({ Worker: Watched } as never);
  const opened = await openThreaded(await building, 2, options);
  return { ...opened, workers, ask: () => opened.index.topK(query, 3, { exact: true }) };
}

/** Makes this thread wait before it reads a block, until the other one has woken and had time to take some. */
function napBeforeBlocks(): void {
  const { readBlocks } = Control.prototype;
  vi.spyOn(Control.prototype, "readBlocks").mockImplementation(function (this: Control, number, blocks, read) {
    readBlocks.call(this, number, blocks, (block) => {
      const isAwake = (): boolean => this.isBusy(1) || this.failure !== undefined;
      for (let naps = 0; block === 0 && naps < 500 && !isAwake(); naps++) Atomics.wait(nap, 0, 0, 20);
      Atomics.wait(nap, 0, 0, 20);
      return read(block);
    });
  });
}

test("dispose ends the threads", async () => {
  const { index, workers } = await openWatched();
  const ended = workers.map((worker) => once(worker, "exit"));
  index.dispose();
  index.dispose();
  expect(await Promise.all(ended)).toHaveLength(1);
});

test("an error of a thread is an error of the call, and of every later one", async () => {
  const { index, opened, ask } = await openWatched();
  napBeforeBlocks();
  // The thread finds its query behind the memory. This one finds it before it reads.
  const layout = new DataView(opened.kernels.memory.buffer, opened.plan.layout);
  const { query: address } = opened.plan.regions;
  const { scorePositions } = opened.kernels;
  vi.spyOn(opened.kernels, "scorePositions").mockImplementation((...args) => {
    layout.setUint32(LAYOUT_REGIONS.query, address, true);
    scorePositions(...args);
  });
  const { open } = Control.prototype;
  vi.spyOn(Control.prototype, "open").mockImplementation(function (this: Control) {
    layout.setUint32(LAYOUT_REGIONS.query, 0xfffffff0, true);
    open.call(this);
  });
  expect(ask).toThrow(/^thread 2 of 2 failed: RuntimeError: .*; dispose of the index and load it again$/);
  vi.restoreAllMocks();
  expect(ask).toThrow(/^thread 2 of 2 failed: RuntimeError: /);
  index.dispose();
});

test("a thread that has died makes an error of the next call", async () => {
  const { index, workers, ask } = await openWatched();
  await Promise.all(workers.map((worker) => worker.terminate()));
  expect(ask).toThrow("thread 2 of 2 failed: it ended with exit code 1; dispose of the index and load it again");
  index.dispose();
});

test("a thread that dies during a call makes an error, and no call waits for ever", async () => {
  const { index, ask } = await openWatched({ patience: 50 });
  vi.spyOn(Control.prototype, "isBusy").mockReturnValue(true); // what it leaves when it dies with a block
  expect(ask).toThrow(/^thread 2 of 2 failed: it has not answered for 50 ms; /);
  index.dispose();
});

test("a thread that cannot start rejects the load", async () => {
  const opening = openWatched({ programOf: () => 'throw new Error("no memory")' });
  await expect(opening).rejects.toThrow(/^thread 2 of 2 failed: no memory; /);
});

test("where this thread may not sleep, it looks until the others have read their blocks", async () => {
  const { index, ask } = await openWatched();
  const expected = ask();
  const wait = vi.spyOn(Control.prototype, "awaitThread");
  const busy = vi.spyOn(Control.prototype, "isBusy");
  Object.assign((index as never as { calls: { inUse(): { batches: { pool: object } } } }).calls.inUse().batches.pool, {
    maySleep: false,
  });
  for (let i = 0; i < 100; i++) expect(ask()).toEqual(expected);
  expect(wait).not.toHaveBeenCalled();
  expect(busy).toHaveBeenCalled();
  index.dispose();
});
