import { CommanderError } from "commander";
import { FormatError } from "../bytes/format-error.ts";
import { MissedGates } from "./evaluating/gates.ts";
import { InputError } from "./policy/json-lines.ts";
import { isFailedAllocation } from "./process/failed-allocation.ts";

/** Exit codes of the process. */
export const EXIT = { fine: 0, error: 1, usage: 2, badFile: 3, missedGate: 4 } as const;

/**
 * Returns the exit code for an error that a command threw. The library's RangeErrors concern values that the user chose, so
 * they count as invalid usage. Engines throw RangeErrors for want of memory as well, and a queue tries such a task again. No
 * command line leads to a TypeError unless the program is wrong.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof FormatError || error instanceof InputError) return EXIT.badFile;
  if (error instanceof MissedGates) return EXIT.missedGate;
  if (error instanceof RangeError) return isFailedAllocation(error) ? EXIT.error : EXIT.usage;
  return EXIT.error;
}
