import { checkIndex } from "../checks/check-index.ts";
import { readEncoder } from "../format/encoder.ts";
import type { EncoderFacts } from "../format/encoder-facts.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { openedOf } from "../parts/opened-of.ts";

/**
 * Returns the memory of an index and the facts about its encoder, if it has one. The encoder's own vectors are those of the
 * file, whatever changes have added since.
 */
export function openedEncoder(index: MultiIndex): {
  readonly opened: OpenedIndex;
  readonly facts: EncoderFacts | undefined;
} {
  checkIndex(index);
  const opened = openedOf(index);
  const { header, plan } = opened;
  return { opened, facts: readEncoder({ ...header.facts, itemCount: plan.itemCount }) };
}
