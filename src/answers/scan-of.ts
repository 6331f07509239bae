import type { EstimateOptions } from "./options.ts";

/** Returns the head budget of an estimate. The largest standard error that an answer may have says how much to read, as "auto" does. */
export const scanOf = ({
  scan,
  targetError,
}: Pick<EstimateOptions, "scan" | "targetError">): EstimateOptions["scan"] =>
  scan === undefined && targetError !== undefined ? "auto" : scan;
