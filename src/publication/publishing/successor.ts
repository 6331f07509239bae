import { ISOLATE_BYTES } from "../../memory/load-options.ts";
import { breakingChange } from "../client-facts.ts";
import type { PublishedFacts } from "../pointer.ts";

/**
 * Most bytes that an index and its successor may take together. An isolate has 128 MB, and needs some of it for other things.
 */
export const SWAP_BYTES = 110_000_000;

/** The remedies of a publisher for each refusal: the ends of the messages. */
export interface Remedies {
  readonly breaksClients: string;
  readonly tooLarge: string;
  readonly tooLargeBesideCurrent: string;
}

/** Checks that a publisher overrides. */
export interface Overrides {
  /** The version may break the clients of the previous one. */
  readonly isIncompatible?: boolean;
  /** The version may need more memory than a Worker has for it. */
  readonly isForced?: boolean;
}

/** The way in which Workers get a new version. */
export interface Readers {
  /** They get it with their deployment. Default: false, they swap the current version for it. */
  readonly isDeployed?: boolean;
  /** The bytes of memory that they reserve for changes beside each version. Default: 0, they accept none. */
  readonly changesBytes?: number;
  /**
   * The bytes that are enough for the new version and its changes: where memory is short, a Worker keeps fewer tables. Default: all
   * that they take.
   */
  readonly leastBytes?: number;
}

/** A version with its facts. */
interface Named {
  readonly version: string;
  readonly facts: PublishedFacts;
}

/**
 * Returns whether clients of the version `before` have to change for the version `after`.
 *
 * @throws Error if they have to and `isIncompatible` does not allow it
 */
export function isBreaking(
  before: Named,
  after: Named,
  { isIncompatible = false }: Overrides,
  remedies: Remedies,
): boolean {
  const change = breakingChange(before.facts, after.facts);
  if (change === undefined || isIncompatible) return change !== undefined;
  throw new Error(
    `version ${after.version} would break the clients of ${before.version}, since it has ${change}: ${remedies.breaksClients}`,
  );
}

/** Throws an Error if a Worker has too little memory for the version, alone or together with the one that it serves. */
export function checkMemory(
  before: Named | undefined,
  { version, facts: { memoryBytes } }: Named,
  { isForced = false }: Overrides,
  { isDeployed = false, changesBytes = 0, leastBytes: needed = memoryBytes + changesBytes }: Readers,
  remedies: Remedies,
): void {
  if (isForced) return;
  const ofThem = changesBytes > 0 ? ` (${changesBytes} of them for changes: MAX_DELTA)` : "";
  if (needed > ISOLATE_BYTES) {
    throw new Error(
      `version ${version} needs ${needed} bytes of memory${ofThem}, and an isolate of a Worker has ${ISOLATE_BYTES} for an ` +
        `index: ${remedies.tooLarge}`,
    );
  }
  if (!before || isDeployed) return;
  const held = before.facts.memoryBytes + changesBytes;
  if (held + needed <= SWAP_BYTES) return;
  throw new Error(
    `version ${version} needs ${needed} bytes of memory${ofThem} beside the ${held} of ${before.version}, and a Worker that ` +
      `swaps them has ${SWAP_BYTES} for both: ${remedies.tooLargeBesideCurrent}`,
  );
}
