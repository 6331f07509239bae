import type { CalibrationBand } from "./evaluation.ts";

/** Lower ends of the bands of probability. */
const EDGES = [0, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95];

/** Compares the means of predicted and exact probabilities, by predicted probability. */
export class Calibration {
  private readonly sums = EDGES.map((from, band) => ({
    from,
    to: EDGES[band + 1] ?? Number.POSITIVE_INFINITY,
    count: 0,
    predicted: 0,
    exact: 0,
  }));

  add(predicted: number, exact: number): void {
    const band = this.sums.findLast(({ from }) => predicted >= from);
    if (band === undefined) return;
    band.count++;
    band.predicted += predicted;
    band.exact += exact;
  }

  /** Returns the bands that have a prediction. The last band includes estimates above 1. */
  bands(): CalibrationBand[] {
    return this.sums
      .filter(({ count }) => count > 0)
      .map(({ from, to, count, predicted, exact }) => ({
        from,
        to,
        count,
        meanPredicted: predicted / count,
        meanExact: exact / count,
      }));
  }
}
