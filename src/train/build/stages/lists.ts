import { type InvertedLists, invertLists } from "../../codes/inverted-lists.ts";
import { renumberSecond } from "../../codes/renumber.ts";
import type { FinelyTrained } from "./fine-codebooks.ts";
import type { Stage } from "./stage.ts";

export interface Listed extends FinelyTrained {
  readonly lists: InvertedLists;
}

/**
 * Sorts the classes by bucket. The second codewords get their final numbers here, but for those of an older index: they
 * keep theirs, so that buckets can be compared.
 */
export const listClasses: Stage<FinelyTrained, Listed> = async ({ warm }, trained) => {
  const { codes } = trained;
  const quantizer = warm ? trained.quantizer : renumberSecond(trained.quantizer, codes);
  return { ...trained, quantizer, lists: invertLists(codes, quantizer.codewordCount) };
};
