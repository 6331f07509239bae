/** Vectors in one request. */
export const MAX_BATCH = 100;
export const MAX_K = 1000;
export const MAX_DRAWS = 4096;
/** Largest head, in classes; an index with no more of them can be scanned whole. */
export const MAX_SCAN = 65536;
/** Class ids in a field: 80 KB of JSON where they have seven digits, which fits the body of one vector. */
export const MAX_IDS = 10_000;
/** Body of a request with one vector, bytes: 128 KiB. */
export const MAX_QUERY_BYTES = 131072;
/** Body of a request with several, bytes: 4 MiB. */
export const MAX_BATCH_BYTES = 4194304;

/**
 * Multiply-adds one request may ask for. A whole call does 2.4 G of them a second at dim 64 and 9 G at dim 512
 * (measured, Node 24): about 40 ms at worst, before the JSON.
 */
export const DEFAULT_MAX_WORK = 100_000_000;

/** Bytes that an index and the one that takes its place may take together: an isolate has 128 MB, and does other things. */
export const SWAP_BYTES = 110_000_000;
/** Requests under way at once. */
export const MAX_IN_FLIGHT = 256;
/** Seconds that a body may take to arrive: 4 MiB do at 1.1 Mbit/s, a poor mobile connection. */
export const BODY_SECONDS = 30;
/** Bytes of bodies that are longer than MAX_QUERY_BYTES, or of unknown length, of all requests under way: an isolate has 128 MB. */
export const MAX_ARRIVING_BYTES = 33554432;

/** The limits that an index is loaded with. */
export const INDEX_LIMITS = { maxBatch: MAX_BATCH, maxDraws: MAX_DRAWS, maxK: MAX_K, maxScan: MAX_SCAN };

/** Classes that a request gets which doesn't say how many it wants. */
export const DEFAULT_K = 10;
export const DEFAULT_TOP_K = 5;
/** Ids of a listing. */
export const DEFAULT_PAGE = 100;
