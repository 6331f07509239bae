import { PURPOSE_DECODE } from "../abi.ts";
import { drawClasses } from "../answers/draws.ts";
import { drawFromScan, scanAll } from "../answers/full-scan.ts";
import { withMass } from "../answers/known-mass.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../answers/options.ts";
import { type EstimateRequest, predictTop } from "../answers/probabilities.ts";
import { uniforms } from "../answers/uniforms.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { certifyRanks } from "./certified-ranks.ts";
import { type Chain, certifiedStages } from "./chain.ts";
import type { Cut } from "./cut.ts";
import type { Decoded } from "./decoded.ts";
import { drawKept } from "./draw-kept.ts";
import { keepNucleus, type NucleusRequest } from "./nucleus.ts";
import { checkLeft } from "./ranked.ts";
import { topWithDrawn } from "./top-with-drawn.ts";
import { TruncatedRanks } from "./truncated-ranks.ts";

/** A call of decode, with defaults filled in. */
export interface DecodeRequest extends NucleusRequest {
  /** The number of log-probabilities to give; undefined for none at all. */
  readonly topCount: number | undefined;
}

/** Draws one class for the query in place from the truncated softmax. RangeError if all classes are filtered out. */
export function decodeOne(opened: OpenedIndex, request: DecodeRequest): Decoded {
  checkLeft(opened.conditions.allowedCount);
  const { chain, seed, topCount } = request;
  const drawn =
    chain.stages.length === 0
      ? drawUntruncated(opened, request)
      : drawKept(keep(opened, request), chain.temperature, uniforms(opened, seed, PURPOSE_DECODE)(0), seed);
  if (topCount === undefined) return drawn;
  const { scored, ...estimated } = predictTop(opened, topCount, estimateOf(opened, request));
  const top = topWithDrawn(opened.kernels, estimated, drawn, topCount, opened.conditions.inverseTemperature);
  return { ...drawn, top, scored: drawn.scored + scored };
}

/** Returns true if a chain needs the norms that bounds are made of. */
export const needsBounds = (chain: Chain): boolean => chain.stages.length !== 1 || !startsWithTopP(chain);

const startsWithTopP = ({ stages }: Chain): boolean => stages[0]?.by === "topP";

/** Finds the classes that the stages, at least one, keep for the query in place. */
export function keep(opened: OpenedIndex, request: DecodeRequest): Cut {
  const { stages } = request.chain;
  const isBounded = stages.some(({ by }) => by !== "topP");
  const certified = isBounded ? certifyRanks(opened, certifiedStages(stages), request) : undefined;
  if (certified === undefined || startsWithTopP(request.chain)) {
    return keepNucleus(opened, request, certified);
  }
  const truncation = new TruncatedRanks(opened.kernels, certified.ranked);
  const kept = truncation.keptBy(stages, Number.POSITIVE_INFINITY);
  return { truncation, kept, scored: certified.scored, decided: "bounds", undecided: 0, standardError: 0 };
}

/** Draws from the softmax itself. Its log Z is estimated, or with `certain` computed from all rows. */
function drawUntruncated(opened: OpenedIndex, request: DecodeRequest): Decoded {
  const { seed } = request;
  const kept = opened.conditions.allowedCount;
  const drawn = request.certain ? drawFromAll(opened, seed) : drawByEstimate(opened, request);
  const score = drawn.scores[0] as number;
  const logMass = score * opened.conditions.inverseTemperature;
  const { logPartition, standardError } = withMass(drawn, logMass);
  const logProbability = logMass - logPartition;
  const { scored } = drawn;
  const sure = { kept, certain: true, decided: "exact", undecided: 0 } as const;
  return { id: drawn.ids[0] as number, score, logProbability, ...sure, standardError, seed, scored };
}

function drawFromAll(opened: OpenedIndex, seed: bigint) {
  const scan = scanAll(opened, 0);
  const { logPartition, scored } = scan;
  return { ...drawFromScan(opened, scan, 1, seed), logPartition, standardError: 0, scored };
}

function drawByEstimate(opened: OpenedIndex, request: DecodeRequest) {
  const { seed } = request;
  const { logPartition, standardError, scored } = predictTop(opened, 0, estimateOf(opened, request));
  // A draw may filter all rows, and the estimate would then have to weigh all buckets.
  const drawn = drawClasses(opened, 1, { exact: true, proposal: "buckets", scan: 0, seed });
  return { ...drawn, logPartition, standardError, scored: drawn.scored + scored };
}

/** Returns the request for the default estimate of predict or, with `certain`, for that of all rows. */
const estimateOf = ({ plan }: OpenedIndex, { certain, seed }: DecodeRequest): EstimateRequest => ({
  exact: certain,
  proposal: "buckets",
  scan: Math.min(DEFAULT_SCAN, plan.maxScan),
  triesAgain: !certain,
  targetError: 0,
  draws: Math.min(DEFAULT_DRAWS, plan.maxDraws),
  seed,
});
