// The quality of the answers of one cell of the grid: coverage and width of the error bars.

/** The part of an answer that is judged. A bar is one standard error. */
export interface Judged {
  readonly logPartition: number;
  readonly standardError: number;
  readonly lowEss: boolean;
  readonly scored: number;
}

/** The numbers of a cell. Errors are of log Z in nats, bars are standard errors. */
export interface Tallied {
  readonly answers: number;
  /** Answers with lowEss, those with an infinite bar among them. */
  readonly flagged: number;
  /** Answers whose standardError is Infinity. */
  readonly infinite: number;
  /** Answers whose standardError is 0: all rows were scored. */
  readonly exact: number;
  /** Trusted answers whose bar is at most the floor of 5e-4. They are not among `sampled`. */
  readonly floored: number;
  /** Answers at the floor or exact that are off by more than 1.96 floors. */
  readonly flooredWrong: number;
  /** Trusted answers with a bar above the floor. The numbers below are about these, except for `worstError`. */
  readonly sampled: number;
  /** The share of them within 1.96 bars, and its standard error, clustered by query. */
  readonly coverage: number;
  readonly coverageError: number;
  /** The largest error in bars. */
  readonly worstMiss: number;
  readonly medianBar: number;
  readonly rootMeanSquare: number;
  /** The largest error of all trusted answers, exact ones and those at the floor too. */
  readonly worstError: number;
  /** The mean number of rows read. */
  readonly scored: number;
  /** The largest bar of all answers, flagged ones too. */
  readonly largestBar: number;
  /** The root mean square error of all answers, flagged ones too. */
  readonly rootMeanSquareOfAll: number;
}

/** The least bar that the estimator reports. Rounding alone can be of this size. */
const FLOOR = 5e-4;
/** The half width of a 95 % interval in standard errors. */
const Z95 = 1.96;

/** Collects the answers of a cell. */
export class Tally {
  readonly #bars: number[] = [];
  /** Sampled and covered answers by query. */
  readonly #byQuery = new Map<number, { count: number; covered: number }>();
  #sums = { answers: 0, flagged: 0, infinite: 0, exact: 0, floored: 0, flooredWrong: 0, scored: 0, squares: 0, all: 0 };
  #worst = { miss: 0, error: 0, bar: 0 };

  add(query: number, answer: Judged, logPartition: number): void {
    const { standardError: bar, lowEss } = answer;
    const error = Math.abs(answer.logPartition - logPartition);
    const sums = this.#sums;
    sums.answers++;
    sums.scored += answer.scored;
    sums.all += error * error;
    this.#worst.bar = Math.max(this.#worst.bar, bar);
    if (bar === Number.POSITIVE_INFINITY) sums.infinite++;
    if (lowEss || bar === Number.POSITIVE_INFINITY) {
      sums.flagged++;
      return;
    }
    this.#worst.error = Math.max(this.#worst.error, error);
    if (bar <= FLOOR * (1 + 1e-6)) {
      if (bar === 0) sums.exact++;
      else sums.floored++;
      if (error > Z95 * FLOOR) sums.flooredWrong++;
      return;
    }
    this.#bars.push(bar);
    sums.squares += error * error;
    this.#worst.miss = Math.max(this.#worst.miss, error / bar);
    const own = this.#byQuery.get(query) ?? { count: 0, covered: 0 };
    own.count++;
    if (error <= Z95 * bar) own.covered++;
    this.#byQuery.set(query, own);
  }

  result(): Tallied {
    const { answers, flagged, infinite, exact, floored, flooredWrong, scored, squares, all } = this.#sums;
    const sampled = this.#bars.length;
    const [coverage, coverageError] = clustered([...this.#byQuery.values()]);
    const sorted = Float64Array.from(this.#bars).sort();
    return {
      answers,
      flagged,
      infinite,
      exact,
      floored,
      flooredWrong,
      sampled,
      coverage,
      coverageError,
      worstMiss: this.#worst.miss,
      medianBar: sorted[sampled >> 1] ?? 0,
      rootMeanSquare: sampled > 0 ? Math.sqrt(squares / sampled) : 0,
      worstError: this.#worst.error,
      scored: answers > 0 ? scored / answers : 0,
      largestBar: this.#worst.bar,
      rootMeanSquareOfAll: answers > 0 ? Math.sqrt(all / answers) : 0,
    };
  }
}

/**
 * Computes a share over clusters of unequal size, and its standard error: the answers of one query are not independent. The
 * error is at least that of independent answers at the nominal 95 %, so that few queries without a miss prove nothing.
 */
export function clustered(
  clusters: readonly { readonly count: number; readonly covered: number }[],
): [share: number, error: number] {
  const total = clusters.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return [1, 1];
  const share = clusters.reduce((sum, { covered }) => sum + covered, 0) / total;
  const squares = clusters.reduce((sum, { count, covered }) => sum + (covered - share * count) ** 2, 0);
  const n = clusters.length;
  const error = n > 1 ? Math.sqrt((squares * n) / (n - 1)) / total : 1;
  return [share, Math.max(error, Math.sqrt((0.95 * 0.05) / total))];
}
