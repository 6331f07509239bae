import { shown } from "../checks/check.ts";
import type { Modules } from "./kernels.ts";
import type { Batches } from "./opened-index.ts";

/** Changes the bytes of a module. */
export type ChangeModule = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** The functions that `load` lends to the threads of an index. */
export interface Loading<Index> {
  readonly maxBytes: number;
  /** Compiles the kernels, changed. */
  readonly compile: (change: ChangeModule) => Promise<Modules>;
  /** Opens the index. */
  readonly open: (modules: Modules, batches: Batches) => Promise<Index>;
}

/** Threads that read rows together, made by `threads` of `midx/threads`. */
export interface Threads {
  /** The number of threads, the one that calls the index included. */
  readonly count: number;
}

/** Threads, as `load` sees them. */
export interface LoadingThreads extends Threads {
  /** Loads an index whose memory is shared with them. */
  readonly load: <Index extends { dispose(): void }>(loading: Loading<Index>) => Promise<Index>;
}

interface GivenThreads {
  readonly threads?: Threads;
  readonly modules?: unknown;
}

/** Returns the threads of the options. TypeError for another value, and beside kernels that are compiled already. */
export function threadsOf({ threads, modules }: GivenThreads): LoadingThreads | undefined {
  if (threads === undefined) return undefined;
  if (!isLoading(threads)) {
    throw new TypeError(`"threads" expected threads(n) of midx/threads, got ${shown(threads)}`);
  }
  if (modules !== undefined) throw new TypeError('"modules" contradicts "threads"');
  return threads;
}

const isLoading = (threads: Threads): threads is LoadingThreads =>
  typeof (threads as Partial<LoadingThreads> | null)?.load === "function";
