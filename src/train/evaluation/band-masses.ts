import { mean, quantile } from "../arithmetic/averages.ts";
import type { Logarithms } from "../arithmetic/logarithms.ts";
import { BAND_NAMES, type Bands } from "../rows/popularity.ts";
import type { PopularityBand } from "./evaluation.ts";

/** Sums over the classes of one band, for one query. */
export interface BandMasses {
  /** Σ P. */
  readonly exact: number;
  /** Σ Q. */
  readonly proposed: number;
  /** Σ P²/Q. */
  readonly weightSquares: number;
}

/** Sums over the classes of each band, in the order of the ids. */
export function bandMasses(
  { exp64 }: Logarithms,
  logP: Float64Array,
  logQ: ArrayLike<number>,
  { bandOf }: Bands,
): BandMasses[] {
  const exact = new Float64Array(BAND_NAMES.length);
  const proposed = new Float64Array(BAND_NAMES.length);
  const weightSquares = new Float64Array(BAND_NAMES.length);
  for (let id = 0; id < logP.length; id++) {
    const band = bandOf[id] as number;
    const log = logP[id] as number;
    const p = exp64(log);
    (exact[band] as number) += p;
    (proposed[band] as number) += exp64(logQ[id] as number);
    if (p > 0) (weightSquares[band] as number) += p * exp64(log - (logQ[id] as number));
  }
  return BAND_NAMES.map((_, band) => ({
    exact: exact[band] as number,
    proposed: proposed[band] as number,
    weightSquares: weightSquares[band] as number,
  }));
}

/** Summarises the queries, for `draws` draws each. Bands without a class are left out. */
export function summariseBands(
  { classCounts }: Bands,
  queries: readonly (readonly BandMasses[])[],
  draws: number,
): PopularityBand[] {
  const summarised = BAND_NAMES.map((name, band): PopularityBand => {
    const ofBand = queries.map((bands) => bands[band] as BandMasses);
    const biases = queries.map((bands, i) => -massBias(bands, ofBand[i] as BandMasses) / draws);
    const shares = ofBand
      .filter(({ weightSquares }) => weightSquares > 0)
      .map(({ exact, proposed, weightSquares }) => (exact * exact) / (proposed * weightSquares));
    const exactMass = mean(Float64Array.from(ofBand, ({ exact }) => exact));
    return {
      name,
      classCount: classCounts[band] as number,
      exactMass,
      expectedDraws: draws * mean(Float64Array.from(ofBand, ({ proposed }) => proposed)),
      exactDraws: draws * exactMass,
      massBias: mean(Float64Array.from(biases)),
      effectiveSampleShare: quantile(Float64Array.from(shares), 0.5),
    };
  });
  return summarised.filter(({ classCount }) => classCount > 0);
}

/** Computes Σ P²/Q (1_band − mass of the band) over all classes. */
function massBias(bands: readonly BandMasses[], ofBand: BandMasses): number {
  const all = bands.reduce((sum, { weightSquares }) => sum + weightSquares, 0);
  return ofBand.weightSquares - ofBand.exact * all;
}
