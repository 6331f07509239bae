/**
 * Loads an index file, and answers queries from it: the most probable classes, probabilities, log Z with its standard
 * error, and samples. {@link load} returns a {@link MultiIndex}, whose methods are the calls. docs/library.md shows
 * them by task.
 *
 * @module
 */
export { load } from "./load-inlined.ts";
export * from "./public.ts";
