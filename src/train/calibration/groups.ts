import { Misses } from "./coverage.ts";
import { isMissed, isTrusted, type MeasuredAnswers } from "./measured-answers.ts";

/** Bands of answers of about the same error by the model: their number, and the fewest answers of one. */
const BANDS = 20;
const LEAST_BAND = 60;

/** Divides answers by the model's error, from small to large, into bands of about one size. */
export function bandsOf({ modelErrors }: MeasuredAnswers, telling: readonly number[]): number[][] {
  const errorOf = (i: number): number => modelErrors[i] as number;
  const ascending = [...telling].sort((a, b) => errorOf(a) - errorOf(b));
  const size = Math.max(LEAST_BAND, Math.ceil(ascending.length / BANDS));
  const count = Math.max(1, Math.floor(ascending.length / size));
  return Array.from({ length: count }, (_, band) =>
    ascending.slice(band * size, band === count - 1 ? undefined : (band + 1) * size),
  );
}

/** The misses of trusted answers: of all together, of each temperature, and of each band and each cell. */
export interface GroupedMisses {
  readonly pooled: Misses;
  readonly byTemperature: readonly Misses[];
  readonly groups: readonly Misses[];
}

/** Counts the trusted answers that miss with a factor. The order of the groups does not depend on the factor. */
export function countMisses(measured: MeasuredAnswers, bands: readonly number[][], factor: number): GroupedMisses {
  const { queries, cells, temperatures } = measured;
  const pooled = new Misses();
  const byCell = missesFor(cells);
  const byTemperature = missesFor(temperatures);
  const byBand = bands.map((band) => {
    const inBand = new Misses();
    for (const i of band) {
      if (!isTrusted(measured, i, factor)) continue;
      const missed = isMissed(measured, i, factor);
      for (const misses of [pooled, inBand, byCell[cells[i] as number], byTemperature[temperatures[i] as number]]) {
        misses?.add(queries[i] as number, missed);
      }
    }
    return inBand;
  });
  return { pooled, byTemperature, groups: [...byBand, ...byCell] };
}

/** Makes a count for each of the numbers from 0 that occur. */
const missesFor = (numbers: Int32Array): Misses[] =>
  Array.from({ length: 1 + numbers.reduce((most, each) => Math.max(most, each), -1) }, () => new Misses());
