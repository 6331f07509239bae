import type { CalibrationBand } from "./evaluation.ts";

/** Lower ends of the bands. */
const EDGES = [0, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95];

/** Means of what was predicted and what is true, by what was predicted. */
export class Calibration {
  private readonly counts = new Float64Array(EDGES.length);
  private readonly predicted = new Float64Array(EDGES.length);
  private readonly exact = new Float64Array(EDGES.length);

  add(predicted: number, exact: number): void {
    let band = EDGES.length - 1;
    while (band > 0 && predicted < (EDGES[band] as number)) band--;
    (this.counts[band] as number)++;
    (this.predicted[band] as number) += predicted;
    (this.exact[band] as number) += exact;
  }

  /** Those with a prediction. An estimate can be above 1, and the last band has it. */
  bands(): CalibrationBand[] {
    return EDGES.map((from, band) => {
      const count = this.counts[band] as number;
      return {
        from,
        to: EDGES[band + 1] ?? Number.POSITIVE_INFINITY,
        count,
        meanPredicted: (this.predicted[band] as number) / count,
        meanExact: (this.exact[band] as number) / count,
      };
    }).filter(({ count }) => count > 0);
  }
}
