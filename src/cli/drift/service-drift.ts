import { dueBy, UPKEEP } from "../../../worker/telemetry/upkeep.ts";
import { answerTo } from "../publishing/request.ts";
import { type Drifted, type Due, type FoundDrift, mostOf, reasonOf } from "./found-drift.ts";

/** A sample of /metrics. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the drift that the answering isolate or process reports for the version it serves. */
export async function serviceDrift(
  url: URL,
  token: string | undefined,
  signal: AbortSignal,
  request: typeof fetch,
): Promise<FoundDrift> {
  const place = new URL("/metrics", url);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await answerTo(place.href, "is the service there?", signal, (init) =>
    request(place, { ...init, headers }),
  );
  if (!response.ok) {
    const remedy = response.status === 401 ? ": set MIDX_TOKEN to its token" : "";
    throw new Error(`${place.href}: expected metrics, got ${response.status}${remedy}`);
  }
  return driftIn(await response.text());
}

/**
 * Reads the drift of the version that is served in the text of /metrics, which has that of the version before it or of a canary
 * as well. RangeError if there is none to read.
 */
export function driftIn(metrics: string): FoundDrift {
  // The first index is the current one; a canary comes after it.
  const version = samplesOf(metrics, "midx_index_info")[0]?.labels.version;
  const samples = (name: string): Sample[] =>
    samplesOf(metrics, name).filter(({ labels }) => labels.version === version);
  const banded = driftsOf(samples("midx_drift"), samples("midx_drift_error"));
  const pooled = driftsOf(samples("midx_log_partition_drift"), samples("midx_log_partition_drift_error"));
  const drifts =
    banded.length > 0 ? banded : pooled.map((drift) => ({ ...drift, band: "all", measure: LOG_PARTITION }));
  const stated = samples("midx_upkeep_due").find(({ value }) => value === 1)?.labels.due;
  const [filled] = samples("midx_delta_filled");
  // The first of two that are due alike is given.
  const dues = [...byChanges(stated, filled?.value ?? 0), ...byDrifts(stated, drifts, banded.length > 0)];
  if (dues.length === 0) {
    throw new RangeError(
      "<index> expected a service that has answered queries, and 1,000 of them if its file does not say what real queries showed, got one that cannot compare yet",
    );
  }
  return { version, ...mostOf(dues), drifts };
}

const LOG_PARTITION = "log_partition";

/** The upkeep that drifts make due. A Worker has no bands and states none, and without statistics a service states none either. */
function byDrifts(stated: string | undefined, drifts: readonly Drifted[], isBanded: boolean): Due[] {
  const [first] = drifts;
  if (first === undefined) return [];
  const due = isBanded
    ? (UPKEEP.find((each) => each === stated) ?? "nothing")
    : dueBy([{ value: first.drift, error: first.error, mean: 1, recent: 1 }]);
  return [{ due, reason: reasonOf(due, drifts) }];
}

/**
 * The upkeep that changes make due. The service states the same for a draw that is worth less; where both are so, this is the reason
 * to give, because writes are refused soon.
 */
function byChanges(stated: string | undefined, filled: number): Due[] {
  if (stated !== "reassign" || 2 * filled <= 1) return [];
  const share = (100 * filled).toFixed(0);
  return [{ due: stated, reason: `changes fill ${share} % of the room that writes have: run midx compact` }];
}

const driftsOf = (values: readonly Sample[], errors: readonly Sample[]): Drifted[] =>
  values.map(({ labels: { band = "", measure = "" }, value }, i) => ({
    band,
    measure,
    drift: value,
    error: errors[i]?.value ?? Number.NaN,
  }));

/** Returns the samples of a metric in the text format of Prometheus. */
function samplesOf(metrics: string, name: string): Sample[] {
  return metrics.split("\n").flatMap((line): Sample[] => {
    const [, own, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (own !== name) return [];
    const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label, text]) => [label, text]);
    return [{ labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}
