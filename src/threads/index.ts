/**
 * Threads that read the rows of an index together: {@link threads} makes the value of the option `threads` of `load`.
 *
 * @module
 */
export type { Threads } from "../memory/threads.ts";
export { threads } from "./threads.ts";
