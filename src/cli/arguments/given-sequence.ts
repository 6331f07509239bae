import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { SKIP } from "../../encoder/item-ids.ts";
import type { IndexInfo } from "../../index.ts";
import { idOfText } from "../inputs/id-of-text.ts";
import type { GivenFeatures } from "./given-features.ts";

/** Opens the encoder of the index that a command asks. Undefined if it has none. */
export type OpenGivenEncoder = () => Promise<Pick<ItemEncoder, "encode"> | undefined>;

/**
 * Makes a query of the items of `--sequence`, which are written as features are. A word is a label, or an id if the index has no
 * labels. RangeError for an index without an encoder, and for an unknown item.
 */
export async function queryOfSequence(
  given: GivenFeatures,
  { hasLabels }: Pick<IndexInfo, "hasLabels">,
  openEncoder: OpenGivenEncoder,
): Promise<Float32Array> {
  const encoder = await openEncoder();
  if (!encoder) {
    throw new RangeError(
      "'--sequence' expected an index with an encoder, got one without: build it from a model of midx train --encoder",
    );
  }
  const items = "entries" in given ? given.entries : hasLabels ? given.words : given.words.map(idOrText);
  try {
    return encoder.encode(items, { unknown: "refuse" });
  } catch (error) {
    // The library's remedy is an option of a call.
    throw Object.assign(error as Error, {
      message: (error as Error).message.replace(`; ${SKIP} leaves such items out`, ": leave it out"),
    });
  }
}

const idOrText = (word: string): number | string => idOfText(word) ?? word;
