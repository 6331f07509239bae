import { dueBy, UPKEEP } from "../../../worker/telemetry/upkeep.ts";
import { answerTo } from "../publishing/request.ts";
import { type Drifted, type FoundDrift, reasonOf } from "./found-drift.ts";

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
  if (banded.length > 0) {
    const due = samples("midx_upkeep_due").find(({ value }) => value === 1)?.labels.due;
    const found = UPKEEP.find((each) => each === due) ?? "nothing";
    return { version, due: found, reason: reasonOf(found, banded), drifts: banded };
  }
  const pooled = driftsOf(samples("midx_log_partition_drift"), samples("midx_log_partition_drift_error")).map(
    (drift) => ({ ...drift, band: "all", measure: "log_partition" }),
  );
  const [first] = pooled;
  if (first === undefined) {
    throw new RangeError(
      "<index> expected a service that has answered queries, and 1,000 of them if its file does not say what real queries showed, got one that cannot compare yet",
    );
  }
  const due = dueBy([{ value: first.drift, error: first.error, mean: 1, recent: 1 }]);
  return { version, due, reason: reasonOf(due, pooled), drifts: pooled };
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
