import type { EstimateOptions, Proposal } from "./options.ts";

/** Returns whether an estimate from draws with these options is tried again if it is flagged. */
export const isTriedAgain = (scan: EstimateOptions["scan"] | undefined, proposal: Proposal | undefined): boolean =>
  scan === undefined && proposal !== "codes";
