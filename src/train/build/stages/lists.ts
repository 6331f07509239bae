import { type InvertedLists, invertLists } from "../../codes/inverted-lists.ts";
import { renumberSecond } from "../../codes/renumber.ts";
import type { FineTrained } from "./fine-codebooks.ts";
import type { Stage } from "./stage.ts";

export interface Listed extends Omit<FineTrained, "training"> {
  readonly lists: InvertedLists;
}

/**
 * Sorts the classes by bucket and gives the second codewords their final numbers. Codewords of an older index keep their
 * numbers, so that buckets can be compared.
 */
export const listClasses: Stage<FineTrained, Listed> = async ({ warm }, { training: _, ...trained }) => {
  const { codes } = trained;
  const quantizer = warm ? trained.quantizer : renumberSecond(trained.quantizer, codes);
  return { ...trained, quantizer, lists: invertLists(codes, quantizer.codewordCount) };
};
