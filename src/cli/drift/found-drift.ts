import { KNOWN, UPKEEP, type Upkeep } from "../../../worker/telemetry/upkeep.ts";

/** The drift of one measure for the queries of one band, in standard deviations of the build. */
export interface Drifted {
  readonly band: string;
  readonly measure: string;
  readonly drift: number;
  readonly error: number;
}

/** The upkeep that is due, and the reason. */
export interface Due {
  readonly due: Upkeep;
  readonly reason: string;
}

/** The effect of changes on an index. */
export interface ChangedRows {
  /** The number of rows that changes hold. */
  readonly rows: number;
  /** The mean share of these rows in Z. */
  readonly share: number;
  /** The residual energy of these rows relative to that of the file's rows. Undefined without a row to compare. */
  readonly residualGrowth?: number;
  /** The standard error that it has if the rows are alike. */
  readonly residualError?: number;
}

/** The result of `midx drift`. */
export interface FoundDrift extends Due {
  /** The version of a service that answered. Undefined for a file. */
  readonly version?: string | undefined;
  /** The number of queries that were asked. Undefined for the answers of a service. */
  readonly queryCount?: number;
  readonly drifts: readonly Drifted[];
  /** Present if the statistics that it compares with are those of the version that this one was compacted from. */
  readonly reference?: "carried";
  readonly changes?: ChangedRows;
}

/** Returns the most expensive upkeep that is due. */
export const mostOf = (dues: readonly Due[]): Due =>
  dues.reduce((most, each) => (UPKEEP.indexOf(each.due) > UPKEEP.indexOf(most.due) ? each : most));

/** Returns the reason why this upkeep is due, from the drift over all queries. */
export function reasonOf(due: Upkeep, drifts: readonly Drifted[]): string {
  const of = (name: string): string => {
    const found = drifts.find(({ band, measure }) => band === "all" && measure === name);
    return found ? `${found.drift.toFixed(2)} ± ${found.error.toFixed(2)}` : "unknown";
  };
  if (due === "rebuild") {
    return `log Z has moved by ${of("log_partition")} and the head's share by ${of("head_share")} deviations of the build: its queries were of another kind, or of another model`;
  }
  // A large drift of the worth of a draw has a large error, and is known all the same.
  if (due === "nothing" && drifts.some((of) => of.band === "all" && of.measure !== "ess_share" && of.error > KNOWN)) {
    return `errors above ${KNOWN} leave the drift unknown: more queries are needed, 34 if the build had 100`;
  }
  if (due === "nothing") return "answers show what those of the build's queries showed";
  return `a draw is worth less than for the build's queries, by ${of("ess_share")} deviations`;
}
