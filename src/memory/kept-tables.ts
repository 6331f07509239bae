import type { IndexFacts } from "../format/facts.ts";
import { KNOTS } from "./knots.ts";

/** The numbers of tables that are kept from call to call. No answer depends on them. */
export interface KeptTables {
  /** Temperatures and filters whose weights are kept. */
  readonly weightTables: number;
  /** Knots, temperatures and filters whose shares are kept. */
  readonly shareTables: number;
  /** Knots whose weights are kept; 0 where there are none. */
  readonly knotTables: number;
  /** Knots whose portions are kept: none, or at least two. */
  readonly portionTables: number;
}

/**
 * Weights are interpolated between knots. Without biases all temperatures have the same weights, files without dispersions
 * have the weights of every temperature, and with hardly two classes in a bucket a pass over the classes costs no more.
 */
export const hasKnots = ({ hasBias, dispersion, itemCount, bucketCount }: IndexFacts): boolean =>
  hasBias && dispersion !== undefined && itemCount >= 2 * bucketCount;

/**
 * Lists the numbers of tables to choose from, the largest first. The last is the least that works: with biases, the bounds of
 * an estimate take the weights of the temperature itself beside those between knots.
 */
export function keptTables(facts: IndexFacts): readonly KeptTables[] {
  const knots = hasKnots(facts);
  const kept = (weightTables: number, shareTables: number, knotTables: number, portionTables: number): KeptTables => ({
    weightTables,
    // Temperatures between neighbouring knots share tables: n intervals in a row have n + 1.
    shareTables: facts.hasBias ? shareTables + (knots && shareTables > 2 ? 1 : 0) : 1,
    knotTables: knots ? knotTables : 0,
    portionTables: knots ? portionTables : 0,
  });
  return [
    kept(4, 4, KNOTS.length, 4),
    kept(4, 4, KNOTS.length, 2),
    kept(4, 3, 8, 2),
    kept(4, 2, 6, 2),
    kept(3, 1, 4, 0),
    kept(facts.hasBias ? 2 : 1, 1, 2, 0),
  ];
}
