import { CommanderError } from "commander";
import { FormatError } from "../bytes/format-error.ts";
import { MissedGates } from "./evaluating/gates.ts";

/** The codes by which the process tells its caller how it ended. */
export const EXIT = { fine: 0, error: 1, usage: 2, badFile: 3, missedGate: 4 } as const;

/**
 * The exit code of a command that threw. The library's RangeErrors are about values the user chose, so they are usage;
 * a TypeError can't be reached from the command line and would be our fault.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof FormatError) return EXIT.badFile;
  if (error instanceof MissedGates) return EXIT.missedGate;
  if (error instanceof RangeError) return EXIT.usage;
  return EXIT.error;
}
