import type { Miniflare } from "miniflare";
import { localBucket, type R2Binding } from "../../src/cli/publishing/local-bucket.ts";
import type { Store } from "../../src/cli/publishing/store.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { logInBucket } from "../../worker/live/log-in-bucket.ts";
import { logIn } from "../../worker/live/log-in-object.ts";
import type { SegmentBucket } from "../../worker/publication/values-in-bucket.ts";
import { KEY, WRITE_TOKEN } from "./names.ts";
import { type LogKind, objectsOf, startMiniflare, workerOf } from "./workers.ts";

/** An index in one file, or in parts. */
export type Served = "file" | "parts";

/** A service that takes changes, and the store that it reads its versions from. */
export interface LiveService {
  readonly url: string;
  readonly writeToken: string;
  /** The key of the pointer. */
  readonly key: string;
  readonly store: Store;
  readonly served: Served;
  stop(): Promise<void>;
}

/** Two isolates that follow one log, and the Worker that compacts it. */
export interface Fleet extends LiveService {
  /** The address of the isolate that takes no writes: only its own looks at the log bring it changes. */
  readonly readerUrl: string;
  readonly log: ChangeLog;
  /** Fires the cron trigger of the compactor. */
  compact(): Promise<void>;
}

/** Changes of half as many labels make a compaction due. */
const COMPACTED_DELTA = "16";

/** Starts midx/live in workerd. */
export async function startLive(kind: LogKind): Promise<LiveService> {
  return serviceOf(await startMiniflare([workerOf("live", "file", kind)]), "file");
}

export interface FleetOptions {
  readonly log: LogKind;
  /** Default: "file". */
  readonly served?: Served;
  /** See startMiniflare. */
  readonly folder?: string;
}

/** Starts two isolates that serve an index or its parts, with one log, and midx/compactor beside them. */
export async function startFleet({ log: kind, served = "file", folder }: FleetOptions): Promise<Fleet> {
  const workers = [
    workerOf("live", served, kind),
    workerOf("reader", served, kind),
    workerOf("compactor", "compactor", kind, { MAX_DELTA: COMPACTED_DELTA }),
  ];
  const worker = await startMiniflare(workers, folder);
  const compactor = await worker.getWorker("compactor");
  return {
    ...(await serviceOf(worker, served)),
    readerUrl: (await worker.unsafeGetDirectURL("reader")).origin,
    log: kind === "object" ? logIn(await objectsOf(worker), "index") : logInBucket(await bucketOf(worker), KEY),
    async compact() {
      const { outcome } = await compactor.scheduled({ cron: "*/5 * * * *" });
      if (outcome !== "ok") throw new Error(`the compactor ended with "${outcome}"`);
    },
  };
}

/** The bucket as Workers have it. The types of Miniflare are its own. */
const bucketOf = (worker: Miniflare): Promise<SegmentBucket & R2Binding> =>
  worker.getR2Bucket("INDEX", "live") as unknown as Promise<SegmentBucket & R2Binding>;

async function serviceOf(worker: Miniflare, served: Served): Promise<LiveService> {
  const { origin } = await worker.ready;
  const store = localBucket(await bucketOf(worker), "index", async () => {});
  return { url: origin, writeToken: WRITE_TOKEN, key: KEY, store, served, stop: () => worker.dispose() };
}
