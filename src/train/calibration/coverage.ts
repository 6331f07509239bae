/** A share of answers, with a standard error that takes into account that answers to one query are not independent. */
export interface Share {
  readonly value: number;
  readonly standardError: number;
  readonly count: number;
}

/** Counts the answers that miss, query by query. */
export class Misses {
  private readonly missed = new Map<number, number>();
  private readonly counted = new Map<number, number>();
  private missedTotal = 0;
  private total = 0;

  add(query: number, isMiss: boolean): void {
    this.counted.set(query, (this.counted.get(query) ?? 0) + 1);
    this.total++;
    if (!isMiss) return;
    this.missed.set(query, (this.missed.get(query) ?? 0) + 1);
    this.missedTotal++;
  }

  /** Returns the share of misses. Its error is that of a ratio of sums over queries, at least that of independent answers. */
  share(): Share {
    const { total, missedTotal } = this;
    if (total === 0) return { value: 0, standardError: 0, count: 0 };
    const value = missedTotal / total;
    let squares = 0;
    for (const [query, count] of this.counted) {
      const difference = (this.missed.get(query) ?? 0) - value * count;
      squares += difference * difference;
    }
    const variance = Math.max(squares / (total * total), (value * (1 - value)) / total);
    return { value, standardError: Math.sqrt(variance), count: total };
  }
}

/** The share of answers that ± 1.96 standard errors may miss at most. */
const MOST_MISSES = 0.06;
/** Fewer answers than these show nothing. */
const LEAST_ANSWERS = 40;
/** A one-sided test in standard errors: suspicion at 31 %, distrust at 16 %, doubt at 5 %, proof at 10⁻³ and by one of 60 tests. */
export const SUSPICION = 0.5;
export const DISTRUST = 1;
export const DOUBT = 1.64;
export const PROOF = 3.09;
export const PROOF_AMONG_MANY = 4.15;

/** Returns true if more than 6 % of the answers miss, by more than `deviations` of what chance explains. */
export function missesTooOften(
  { value, standardError, count }: Share,
  deviations: number,
  least: number = LEAST_ANSWERS,
): boolean {
  if (count < least) return false;
  const byChance = Math.sqrt((MOST_MISSES * (1 - MOST_MISSES)) / count);
  return value - MOST_MISSES > deviations * Math.max(standardError, byChance);
}
