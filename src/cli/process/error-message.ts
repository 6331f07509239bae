import { CommanderError } from "commander";
import { isSystemError, systemMessage } from "./system-error.ts";

/** Returns the message for an error that a command threw. Undefined for errors of commander, which has printed them. */
export function messageOf(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined;
  if (isSystemError(error)) return systemMessage(error);
  return error instanceof Error ? error.message : String(error);
}
