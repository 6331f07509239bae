import { type EncoderFacts, readEncoder } from "../format/encoder.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Reads the facts about the encoder of a loaded index. Its own vectors are those of the file, whatever changes have added since. */
export const encoderFactsOf = ({ header: { facts }, plan: { itemCount } }: OpenedIndex): EncoderFacts | undefined =>
  readEncoder({ ...facts, itemCount });
