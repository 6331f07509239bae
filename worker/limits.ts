/** Vectors in one request. */
export const MAX_BATCH = 100;
export const MAX_K = 1000;
export const MAX_DRAWS = 4096;
/** Body of a request with one vector, bytes: 128 KiB. */
export const MAX_QUERY_BYTES = 131072;
/** Body of a request with several, bytes: 4 MiB. */
export const MAX_BATCH_BYTES = 4194304;

/** What a request gets that doesn't say. */
export const DEFAULT_K = 10;
export const DEFAULT_TOP_K = 5;
export { DEFAULT_DRAWS, DEFAULT_SCAN } from "../src/options.ts";
