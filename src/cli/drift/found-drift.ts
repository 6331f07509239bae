import { UPKEEP, type Upkeep } from "../../../worker/telemetry/upkeep.ts";

/** The drift of one measure for the queries of one band, in standard deviations of the build. */
export interface Drifted {
  readonly band: string;
  readonly measure: string;
  readonly drift: number;
  readonly error: number;
}

/** What is due, and for what reason. */
export interface Due {
  readonly due: Upkeep;
  readonly reason: string;
}

/** What changes have made of an index. */
export interface ChangedRows {
  /** The number of rows that changes hold. */
  readonly rows: number;
  /** The mean share of Z that these rows have. */
  readonly share: number;
  /** How many times as large as that of the rows of the file their residual energy is. Undefined without a row to compare. */
  readonly residualGrowth: number | undefined;
}

/** What `midx drift` finds. */
export interface FoundDrift extends Due {
  /** The number of queries that were asked. Undefined for those of a service. */
  readonly queryCount?: number;
  readonly drifts: readonly Drifted[];
  readonly changes?: ChangedRows;
}

/** Returns what is most expensive of what is due. */
export const mostOf = (dues: readonly Due[]): Due =>
  dues.reduce((most, each) => (UPKEEP.indexOf(each.due) > UPKEEP.indexOf(most.due) ? each : most));

/** Says why this is due by what the answers to all queries show. */
export function reasonOf(due: Upkeep, drifts: readonly Drifted[]): string {
  const of = (name: string): string => {
    const found = drifts.find(({ band, measure }) => band === "all" && measure === name);
    return found ? `${found.drift.toFixed(2)} ± ${found.error.toFixed(2)}` : "unknown";
  };
  if (due === "rebuild") {
    return `log Z has moved by ${of("log_partition")} and the head's share by ${of("head_share")} deviations of the build: its queries were of another kind, or of another model`;
  }
  if (due === "nothing") return "answers show what those of the build's queries showed";
  return `a draw is worth less than for the build's queries, by ${of("ess_share")} deviations`;
}
