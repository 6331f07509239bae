import type { KernelName } from "../fixtures/kernels.ts";
import { prepareBounds, tailBound } from "./bounds.ts";
import { layOutSlots } from "./buckets.ts";
import { certifyByCodes, codedShare, measureCodeErrors } from "./certify.ts";
import { changedWithRemainder, changeScores, conditionScores } from "./changed.ts";
import { xxh64 } from "./checksum.ts";
import { clockHead, clockMore, clockRange, clockTail, sortKeys } from "./clocks.ts";
import { dotRows } from "./dot.ts";
import { drawExact, envelope } from "./envelope.ts";
import { exp64, expInto } from "./exp.ts";
import { extendHead } from "./extend.ts";
import { listPositions } from "./filter.ts";
import { changedBuckets, countBits, excludeOthers, filterDistance, markCodes, markFlagged } from "./filter-bits.ts";
import { fineTables, keepBest, layOutGroups, scanBest, scanCodes, scanTop } from "./fine.ts";
import { headPositions, selectHead } from "./head.ts";
import { maxOf } from "./lanes.ts";
import { log64 } from "./log.ts";
import { bucketLogMasses, bucketMasses, massesFromLogs, subScores } from "./masses.ts";
import { filterKnot, measurePortions, portionOut, weighFiltered } from "./portions.ts";
import { codeLogMass, codePositionAt, proposeByCodes } from "./proposal.ts";
import { type PreparedQuery, prepareQuery } from "./query.ts";
import { addBlockRemainders, mergeBlock, packed, scoreBlock, unpacked } from "./query-block.ts";
import { philox } from "./random.ts";
import { refineScores, refineTop } from "./refine.ts";
import { addRemainder, headWithRemainder, prepareRemainder, type Remainder } from "./remainder.ts";
import { measureResiduals } from "./residuals.ts";
import { hasRelaxedDot, quantiseQuery, rowsReaching, sevenBitMargin } from "./rows.ts";
import { drawProposed, logQOf, sample, sumHead } from "./sample.ts";
import { scoreIds, scorePositions } from "./score.ts";
import {
  addScored,
  endProposal,
  estimateTail,
  logVarianceOfDraws,
  predict,
  propose,
  proposeTail,
  scoreHead,
  scoreListed,
  sumExp,
  sumScored,
  weighDraws,
} from "./search.ts";
import { rowProducts } from "./similarity.ts";
import { candidateShare, candidates, survivors } from "./survivors.ts";
import { logMassAt, positionIn, removeCoded, slotIn, sumTail, unitsAt } from "./tail.ts";
import { estimateThinned, pilotThinned } from "./thinned.ts";
import { tailSpread } from "./tilt.ts";
import { topPush, topSort } from "./topk.ts";
import { firstNonFiniteF16, firstOutsideF32, firstUnordered, firstUnpadded, invertIds } from "./validate.ts";
import { countBuckets, logWeightAt, weighBuckets, weighKnot, weighSlots } from "./weights.ts";

/*
 * Every kernel of the query, exact and scan modules in plain loops, under its name: the executable specification, to be read
 * first. This folder has a file for each file of assembly/ and assembly/exact/, and fine.ts and
 * proposal.ts for assembly/scan/.
 *
 * Arrays stand where the kernels take addresses, a ReferenceIndex where they take a Layout, and what they write is
 * returned. f32 arithmetic is f64 arithmetic rounded after each operation (exact for + − × ÷ and sqrt), in the kernels'
 * order, so results are the kernels' bit for bit. Except slotIn, which walks prefix sums in f64 where the kernel has
 * f32: next to a boundary the kernel may take the neighbour, and so may all draws of a tail.
 */
export const reference = {
  philox,
  xxh64,
  exp64,
  expInto,
  log64,
  listPositions,
  firstNonFiniteF16,
  firstOutsideF32,
  firstUnordered,
  firstUnpadded,
  invertIds,
  layOutSlots,
  changedBuckets,
  filterDistance,
  excludeOthers,
  markCodes,
  markFlagged,
  countBits,
  countBuckets,
  logWeightAt,
  weighKnot,
  weighSlots,
  weighBuckets,
  portionOut,
  measurePortions,
  filterKnot,
  weighFiltered,
  prepareQuery,
  refineTop,
  refineScores,
  dotRows,
  maxOf,
  scoreIds,
  scorePositions,
  scoreScattered: scorePositions,
  rowProducts,
  changeScores,
  conditionScores,
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
  unitsAt,
  topPush,
  topSort,
  estimateTail,
  estimateThinned,
  pilotThinned,
  logVarianceOfDraws,
  weighDraws,
  predict,
  propose,
  proposeTail,
  endProposal,
  scoreHead,
  scoreListed,
  sumExp,
  sumScored,
  tailSpread,
  logQOf,
  drawProposed,
  sample,
  sumHead,
  measureResiduals,
  prepareBounds,
  tailBound,
  prepareRemainder,
  addRemainder,
  headWithRemainder,
  changedWithRemainder,
  candidates,
  candidateShare,
  survivors,
  envelope,
  drawExact,
  clockHead,
  clockMore,
  clockTail,
  clockRange,
  sortKeys,
  layOutGroups,
  fineTables,
  scanCodes,
  keepBest,
  scanBest,
  scanFurther: scanBest, // from the start: where a scan was interrupted makes no difference
  scanTop,
  extendHead,
  removeCoded,
  addScored,
  proposeByCodes,
  codePositionAt,
  codeLogMass,
  measureCodeErrors,
  certifyByCodes,
  codedShare,
  hasRelaxedDot,
  quantiseQuery,
  sevenBitMargin,
  rowsReaching,
  packQuery: packed<PreparedQuery>,
  packRemainder: packed<Remainder>,
  scoreBlock,
  addBlockRemainders,
  mergeBlock,
  keepPrediction: packed,
  restorePrediction: unpacked,
} satisfies Record<KernelName, unknown>;
