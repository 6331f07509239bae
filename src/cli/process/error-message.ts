import { CommanderError } from "commander";
import { isSystemError, systemMessage } from "./system-error.ts";

/** Returns the message for an error that a command threw. Undefined for errors of commander, which has printed them. */
export function messageOf(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined;
  if (isSystemError(error)) return systemMessage(error);
  // A wait that a signal ends has a message of its own, and that of the signal as its cause.
  if (error instanceof Error && error.name === "AbortError" && error.cause instanceof Error) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}
