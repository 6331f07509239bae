import { deviationOf, meanOf } from "../mean-and-deviation.ts";
import { studentT95 } from "../student-t.ts";

/** The mean difference of a figure between two ways of training, over users or sessions and seeds, with half its 95 % interval. */
export interface Difference {
  readonly mean: number;
  readonly halfWidth: number;
}

/**
 * Returns the difference of two figures, given by seed and user, each f64 (users), of the same users and seeds. Both are chance:
 * another training gives another model, and other users other figures. So the variance of the mean is that of the users' means
 * over the seeds, plus that of the seeds' means over the users. What both share is counted twice, so the interval is rather too
 * wide. Its degrees of freedom are those of Welch and Satterthwaite. With one seed it holds for the users alone.
 */
export function differenceOf(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): Difference {
  const bySeed = a.map((figures, seed) => figures.map((figure, user) => figure - (b[seed]?.[user] as number)));
  const users = bySeed[0]?.length ?? 0;
  const meansOfUsers = Array.from({ length: users }, (_, user) => meanOf(bySeed.map((of) => of[user] as number)));
  const parts = [meansOfUsers, bySeed.map(meanOf)].filter(({ length }) => length > 1).map(errorOf);
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const spread = parts.reduce((sum, part) => sum + part.variance ** 2 / part.freedom, 0);
  const halfWidth = variance > 0 ? studentT95(variance ** 2 / spread) * Math.sqrt(variance) : 0;
  return { mean: meanOf(meansOfUsers), halfWidth };
}

/**
 * Returns a figure for each sequence, of figures of its items, so that its mean over the sequences is that over all items. Items of
 * a sequence are not independent, so that sequences are what an interval is over.
 */
export function meansOf(figures: readonly number[], sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    const sum = figures.slice(end - size, end).reduce((total, figure) => total + figure, 0);
    return (sum * sizes.length) / figures.length;
  });
}

/** The variance of the mean of values, with its degrees of freedom. */
function errorOf(values: readonly number[]): { readonly variance: number; readonly freedom: number } {
  const freedom = values.length - 1;
  return { variance: deviationOf(values) ** 2 / values.length, freedom };
}
