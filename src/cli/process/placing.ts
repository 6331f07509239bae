import { tmpdir } from "node:os";
import { isSystemError } from "./system-error.ts";
import { isTemporary } from "./temporary-files.ts";

/**
 * Returns an error of writing to temporary files. One of the system that names such a file, or none, then names `place`: the
 * user does not know the temporary files, but what they are for.
 */
export function placed(place: string, error: unknown): unknown {
  if (isSystemError(error) && (error.path === undefined || isTemporary(error.path))) error.path = place;
  return error;
}

/** Runs an action that writes to temporary files, whose errors name `place`. */
export async function placing<T>(place: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw placed(place, error);
  }
}

/** The place of a file in the temporary folder of this machine, which is there for something elsewhere. */
export const inTemporaryFolder = (what: string): string => `${tmpdir()} (TMPDIR), for ${what}`;
