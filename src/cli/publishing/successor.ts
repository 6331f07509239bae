import { SWAP_BYTES } from "../../../worker/contract/limits.ts";
import type { IndexInfo } from "../../index/info.ts";
import { ISOLATE_BYTES } from "../../memory/load-options.ts";
import { breakingChange } from "../../publication/client-facts.ts";
import type { PublishedFacts } from "../../publication/pointer.ts";

/** Conditions that a publisher insists on. */
export interface Insistence {
  /** The version may break the clients of the one before it. */
  readonly isIncompatible?: boolean;
  /** It may need more memory than a Worker has for it. */
  readonly isForced?: boolean;
}

/** Whether Workers swap a version for the next one, or get it with their deployment. Default: they swap. */
export interface Readers {
  readonly isDeployed?: boolean;
}

export const factsOfInfo = ({
  itemCount,
  dim,
  metric,
  hasLabels,
  features,
  memoryBytes,
}: IndexInfo): PublishedFacts => ({
  itemCount,
  dim,
  metric,
  hasLabels,
  ...(features && {
    features: {
      featureCount: features.featureCount,
      positionCount: features.positionCount,
      hasFeatureLabels: features.hasFeatureLabels,
    },
  }),
  memoryBytes,
});

/** A version for messages, with its facts. */
interface Named {
  readonly version: string;
  readonly facts: PublishedFacts;
}

/**
 * Whether clients of the version `before` have to change for the one `after`.
 *
 * @throws Error where they would and nobody said that they may
 */
export function isBreaking(before: Named, after: Named, { isIncompatible = false }: Insistence): boolean {
  const change = breakingChange(before.facts, after.facts);
  if (change === undefined || isIncompatible) return change !== undefined;
  throw new Error(
    `version ${after.version} would break the clients of ${before.version}, as it has ${change}: ` +
      "give --incompatible once the clients are ready for it",
  );
}

/** @throws Error where a Worker could not hold the version by itself, or beside the one that it serves */
export function checkMemory(
  before: Named | undefined,
  { version, facts: { memoryBytes } }: Named,
  { isForced = false }: Insistence,
  { isDeployed = false }: Readers,
): void {
  if (isForced) return;
  if (memoryBytes > ISOLATE_BYTES) {
    throw new Error(
      `version ${version} needs ${memoryBytes} bytes of memory, and an isolate of a Worker has ${ISOLATE_BYTES} for an index: ` +
        `${SMALLER}, or give --force where other programs read it`,
    );
  }
  if (!before || isDeployed) return;
  const held = before.facts.memoryBytes;
  if (held + memoryBytes <= SWAP_BYTES) return;
  throw new Error(
    `version ${version} needs ${memoryBytes} bytes of memory beside the ${held} of ${before.version}, and a Worker that swaps ` +
      `them has ${SWAP_BYTES} for both: ${SMALLER}, or give --force and deploy the Worker again, whose new isolates load it alone`,
  );
}

const SMALLER = "build it with fewer classes, fewer dimensions or smaller rows (--rows i8)";
