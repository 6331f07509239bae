/** Most queries in one request. */
export const MAX_BATCH = 100;
export const MAX_K = 1000;
export const MAX_DRAWS = 4096;
/** Largest head, in classes. An index of at most this size can be scanned completely. */
export const MAX_SCAN = 65536;
/** Most class ids in a field: 80 KB of JSON with seven digits each, which fits the body of a single query. */
export const MAX_IDS = 10_000;
/** Largest body of a request with one query, in bytes: 128 KiB. */
export const MAX_QUERY_BYTES = 131072;
/** Largest body of a batch, in bytes: 4 MiB. */
export const MAX_BATCH_BYTES = 4194304;

/**
 * Most multiply-adds that one request may need. A call does 2.4 G of them per second at dim 64 and 9 G at dim 512
 * (measured, Node 24), so a request takes at most about 40 ms, before the JSON.
 */
export const DEFAULT_MAX_WORK = 100_000_000;

/** Most requests in flight. */
export const MAX_IN_FLIGHT = 256;
/** Seconds that a body may take to arrive. A poor mobile connection of 1.1 Mbit/s sends 4 MiB in this time. */
export const BODY_SECONDS = 30;
/** Most bytes that all bodies in flight may take, without those of a declared length up to MAX_QUERY_BYTES. An isolate has 128 MB. */
export const MAX_ARRIVING_BYTES = 33554432;

/** The limits that the service loads an index with. */
export const INDEX_LIMITS = {
  maxBatch: MAX_BATCH,
  maxDraws: MAX_DRAWS,
  maxK: MAX_K,
  maxScan: MAX_SCAN,
  maxChanged: 2 * MAX_IDS, // a bias and a history
};

/** The number of classes that a request gets by default. */
export const DEFAULT_K = 10;
export const DEFAULT_TOP_K = 5;
/** The number of ids in a page by default. */
export const DEFAULT_PAGE = 100;
