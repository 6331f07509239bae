import { type Examples, occurrences } from "../../src/train/model/examples.ts";
import type { SetFacts } from "./result.ts";
import type { Measured } from "./sets.ts";

/** Returns the share of a set that concerns classes that no training can learn, because no example has them as a positive. */
export function unseenShares(train: Examples, test: Measured): Pick<SetFacts, "unseenClasses" | "unseenPositives"> {
  const seen = occurrences(train.positives.ids, train.classCount);
  const { offsets, ids } = test.examples.positives;
  let [positives, unseen] = [0, 0];
  for (const row of test.rows) {
    for (const id of ids.subarray(offsets[row], offsets[row + 1])) {
      positives++;
      if (seen[id] === 0) unseen++;
    }
  }
  const unseenClasses = seen.filter((count) => count === 0).length / train.classCount;
  return { unseenClasses: rounded(unseenClasses), unseenPositives: rounded(unseen / positives) };
}

const rounded = (share: number): number => Number(share.toFixed(4));
