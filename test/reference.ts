import type { KernelName } from "./kernels.ts";
import { layOutSlots, weighBuckets } from "./reference/buckets.ts";
import { xxh64 } from "./reference/checksum.ts";
import { dotRows } from "./reference/dot.ts";
import { exp64, expInto } from "./reference/exp.ts";
import { headPositions, selectHead } from "./reference/head.ts";
import { maxOf } from "./reference/lanes.ts";
import { log64 } from "./reference/log.ts";
import { bucketLogMasses, bucketMasses, massesFromLogs, subScores } from "./reference/masses.ts";
import { prepareQuery } from "./reference/query.ts";
import { philox } from "./reference/random.ts";
import { logQOf, sample } from "./reference/sample.ts";
import { scoreIds, scorePositions } from "./reference/score.ts";
import { estimateTail, predict, propose } from "./reference/search.ts";
import { logMassAt, positionIn, slotIn, sumTail } from "./reference/tail.ts";
import { topPush, topSort } from "./reference/topk.ts";
import { firstNonFiniteF16, firstOutsideF32, firstUnordered, firstUnpadded, invertIds } from "./reference/validate.ts";

/*
 * Every kernel of the query module in plain loops, under its name: the executable specification, to be read first.
 * reference/ has a file for each file of assembly/.
 *
 * Arrays stand where the kernels take addresses, a ReferenceIndex where they take a Layout, and what they write is
 * returned. f32 arithmetic is f64 arithmetic rounded after each operation (exact for + − × ÷ and sqrt), in the kernels'
 * order, so results are the kernels' bit for bit. Except slotIn, which walks prefix sums in f64 where the kernel has
 * f32: next to a boundary the kernel may take the neighbour, and so may the draws of predict and sample.
 */
export const reference = {
  philox,
  xxh64,
  exp64,
  expInto,
  log64,
  firstNonFiniteF16,
  firstOutsideF32,
  firstUnordered,
  firstUnpadded,
  invertIds,
  layOutSlots,
  weighBuckets,
  prepareQuery,
  dotRows,
  maxOf,
  scoreIds,
  scorePositions,
  bucketLogMasses,
  bucketMasses,
  massesFromLogs,
  subScores,
  headPositions,
  selectHead,
  logMassAt,
  positionIn,
  slotIn,
  sumTail,
  topPush,
  topSort,
  estimateTail,
  predict,
  propose,
  logQOf,
  sample,
} satisfies Record<KernelName, unknown>;
