import type { HandlerContext } from "./handler-types.ts";

/** The context where the runtime gives none, as in Node: work goes on by itself, and its failure ends nothing. */
export const noContext: HandlerContext = { waitUntil: (work) => void work.catch(() => undefined) };
