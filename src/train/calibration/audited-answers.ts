import type { BarCalibration } from "../../format/calibration-values.ts";
import type { MeasuredAnswers } from "./measured-answers.ts";

/** An estimate that a service compared with the exact log Z. */
export interface AuditedAnswer {
  readonly temperature: number;
  readonly proposal: string;
  readonly scan: number | "auto";
  readonly draws: number;
  /** log Ẑ − log Z. */
  readonly error: number;
  /** The standard error that the answer reported, with the factor of its file. Null where it was infinite. */
  readonly standardError: number | null;
  /** The model error that the answer reported. Null where it was infinite or is not known. */
  readonly modelError: number | null;
}

/**
 * Lines up audits for a calibration, with the factor and the limit of the file that answered. An answer whose model error is beyond
 * the limit reported no bar, but its bar would have been at least that error. One without a bar within the limit was beyond the
 * limit of spreads, which audits do not show, and is left out. Each audit is a query of its own.
 */
export function audited(
  all: readonly AuditedAnswer[],
  { factor, limit }: Pick<BarCalibration, "factor" | "limit">,
): MeasuredAnswers {
  const audits = all.filter(({ standardError, modelError }) => standardError !== null || !((modelError ?? 0) <= limit));
  const cellOf = numbering(({ temperature, proposal, scan, draws }) => [temperature, proposal, scan, draws].join(" "));
  const temperatureOf = numbering(({ temperature }) => String(temperature));
  const barOf = ({ standardError, modelError }: AuditedAnswer): number =>
    standardError === null ? (modelError ?? Number.POSITIVE_INFINITY) : standardError / factor;
  return {
    queries: Int32Array.from(audits.keys()),
    cells: Int32Array.from(audits, cellOf),
    temperatures: Int32Array.from(audits, temperatureOf),
    errors: Float64Array.from(audits, ({ error }) => error),
    bars: Float64Array.from(audits, barOf),
    modelErrors: Float64Array.from(audits, ({ modelError }) => modelError ?? 0),
  };
}

/** Numbers kinds of answers from 0, in the order in which they occur. */
function numbering(kindOf: (answer: AuditedAnswer) => string): (answer: AuditedAnswer) => number {
  const kinds = new Map<string, number>();
  return (answer) => {
    const kind = kindOf(answer);
    const known = kinds.get(kind) ?? kinds.size;
    kinds.set(kind, known);
    return known;
  };
}
