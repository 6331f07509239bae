import type { IndexFacts } from "../format/facts.ts";
import { KNOTS } from "./knots.ts";

/** The numbers of tables that are kept from call to call. No answer depends on them. */
export interface KeptTables {
  /** Temperatures and filters whose weights are kept. */
  readonly weightTables: number;
  /** Temperatures whose shares are kept. */
  readonly shareTables: number;
  /** Knots whose weights are kept; 0 where there are none. */
  readonly knotTables: number;
}

/** Weights at knots are kept. Without biases all temperatures have the same, and without dispersions they have their own. */
export const hasKnots = ({ hasBias, dispersion }: IndexFacts): boolean => hasBias && dispersion !== undefined;

/** What can be kept, the most first. The last is the least that works: exact bounds take two tables of weights at once. */
export function keptTables(facts: IndexFacts): readonly KeptTables[] {
  const knots = hasKnots(facts);
  const kept = (weightTables: number, shareTables: number, knotTables: number): KeptTables => ({
    weightTables,
    shareTables: facts.hasBias ? shareTables : 1,
    knotTables: knots ? knotTables : 0,
  });
  return [kept(4, 4, KNOTS.length), kept(4, 3, 8), kept(4, 2, 6), kept(3, 1, 4), kept(2, 1, 2)];
}
