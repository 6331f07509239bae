import { shown } from "../checks/check.ts";
import type { LoadingThreads, Threads } from "../memory/threads.ts";
import { MOST_THREADS } from "./control.ts";
import { importingSharedMemory, sharedMemory } from "./shared-modules.ts";
import { ThreadedBatches } from "./threaded-batches.ts";

/**
 * Says how many threads read the rows of an index together, for the option `threads` of `load`. Each index starts
 * `count − 1` threads of its own, beside the one that calls it. `dispose` ends them, and they keep no process alive.
 *
 * Exact answers and batches of them are faster: `topK`, `predict`, `logPartition`, `logProbability`, `sample` and `decode`
 * where they read all rows. They have the same bits for any number of threads.
 *
 * It takes Node 20.16, Deno, Bun, or a page that is isolated from other origins (docs/runtimes.md).
 *
 * @param count how many, 1 to 64: as many as there are cores
 * @throws RangeError for another number
 * @throws Error where memory cannot be shared
 *
 * @example
 * const index = await load(file, { threads: threads(4) });
 * const best = index.topK(query, 10, { exact: true });
 * index.dispose();
 */
export function threads(count: number): Threads {
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) {
    throw new RangeError(`"count" expected an integer from 1 to ${MOST_THREADS}, got ${shown(count)}`);
  }
  if (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated === false) {
    throw new Error(
      "threads expected SharedArrayBuffer, which pages have that are served with " +
        "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  const loading: LoadingThreads = {
    count,
    load: async ({ maxBytes, compile, open }) => {
      const modules = await compile(importingSharedMemory);
      const batches = new ThreadedBatches({ modules, memory: sharedMemory(maxBytes) }, count);
      const index = await open(modules, batches);
      try {
        await batches.begin();
      } catch (error) {
        index.dispose();
        throw error;
      }
      return index;
    },
  };
  return loading;
}
