import { decodeLoggedSet, type LoggedSet } from "../changes/logged-set.ts";

/** Reads a set of a log. Undefined for other bytes, which a log keeps, and which readers refuse. */
export function readableSet(bytes: Uint8Array): LoggedSet | undefined {
  try {
    return decodeLoggedSet(bytes);
  } catch {
    return undefined;
  }
}
