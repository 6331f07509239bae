/**
 * Threads that read the rows of an index together: {@link threads} is what the option `threads` of `load` takes.
 *
 * @module
 */
export type { Threads } from "../memory/threads.ts";
export { threads } from "./threads.ts";
