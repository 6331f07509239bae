import type { DriftWatch } from "../host/drift-watch.ts";
import type { Health, Served } from "../host/host.ts";
import type { Histogram } from "./histogram.ts";
import type { Metrics } from "./metrics.ts";
import { Exposition, type Labels } from "./prometheus.ts";

/** Writes the metrics in Prometheus' text format. docs/monitoring.md explains them. */
export function metricsText(metrics: Metrics, health: Health, inFlight: number): string {
  const out = new Exposition();
  addRequests(out, metrics, inFlight);
  addAnswers(out, metrics);
  addDrift(out, metrics);
  addAudits(out, metrics);
  addRefreshes(out, health);
  if (health.served) addIndexes(out, health.served);
  return out.text;
}

function addRequests(out: Exposition, { requests }: Metrics, inFlight: number): void {
  const samples = Array.from(requests, ([key, count]): [Labels, number] => {
    const [route = "", status = ""] = key.split(" ");
    return [{ route, status }, count];
  });
  out.counter("midx_requests_total", "Requests by route and status.", samples);
  out.gauge("midx_requests_in_flight", "Requests in flight.", [[{}, inFlight]]);
}

function addAnswers(out: Exposition, { routes }: Metrics): void {
  out.counter(
    "midx_answers_total",
    "Answers to queries.",
    byRoute(routes, (r) => r.answers),
  );
  out.counter(
    "midx_classes_scored_total",
    "Rows read for these answers.",
    byRoute(routes, (r) => r.scored),
  );
  out.counter(
    "midx_low_ess_total",
    "Estimates whose standard error cannot be trusted.",
    byRoute(routes, (r) => r.lowEss),
  );
  const sizes = histograms(routes, (r) => r.effectiveSampleSize);
  out.histogram("midx_effective_sample_size", "Effective sample size of answers, in exact draws.", sizes);
  const errors = histograms(routes, (r) => r.standardError);
  out.histogram("midx_standard_error", "Reported standard errors of log-partitions.", errors);
  const shares = histograms(routes, (r) => r.headShare);
  out.histogram("midx_head_share", "Share of the partition that was summed exactly, not sampled.", shares);
  out.histogram(
    "midx_decode_kept_classes",
    "Classes that the truncations of decode kept.",
    histograms(routes, (r) => r.kept).filter(([, { count }]) => count > 0),
  );
  const decided = Array.from(routes, ([route, r]) =>
    Array.from(r.decided, ([by, count]): [Labels, number] => [{ ...labelsOf(route), by }, count]),
  );
  out.counter(
    "midx_decode_decided_total",
    "Answers of decode, by the rule that decided which classes are kept.",
    decided.flat(),
  );
}

function addDrift(out: Exposition, { drifts }: Metrics): void {
  const known = Array.from(drifts.values()).filter(({ logPartition }) => logPartition.value !== undefined);
  const samples = (of: (drift: DriftWatch) => number): [Labels, number][] =>
    known.map((drift) => [{ version: drift.version }, of(drift)]);
  if (known.length > 0) {
    const help = "Recent mean log-partition minus the normal one, in standard deviations";
    out.gauge(
      "midx_log_partition_drift",
      `${help}.`,
      samples(({ logPartition }) => logPartition.value as number),
    );
    out.gauge(
      "midx_log_partition_drift_error",
      `${help}: its standard error.`,
      samples(({ logPartition }) => logPartition.error),
    );
  }
  for (const drift of drifts.values()) drift.addTo?.(out);
}

function addAudits(out: Exposition, { audits, auditedNuclei }: Metrics): void {
  const absolute = histograms(audits, (a) => a.absoluteError);
  out.histogram("midx_audit_absolute_error", "Absolute errors of audited log-partitions.", absolute);
  out.gauge(
    "midx_audit_signed_error",
    "Sum of the signed errors of audited log-partitions, which shows bias.",
    byRoute(audits, (a) => a.error),
  );
  out.counter(
    "midx_audit_error_squares_total",
    "Sum of the squared errors of audited log-partitions that reported a standard error.",
    byRoute(audits, (a) => a.errorSquares),
  );
  const reported = byRoute(audits, (a) => a.reportedSquares);
  out.counter(
    "midx_audit_reported_squares_total",
    "Sum of the squared standard errors that audited answers reported.",
    reported,
  );
  out.counter(
    "midx_audit_outside_total",
    "Audited answers whose error exceeds 1.96 standard errors.",
    byRoute(audits, (a) => a.outside),
  );
  const recall = histograms(audits, (a) => a.recall);
  out.histogram("midx_audit_recall", "Share of the k best classes that audited answers found.", recall);
  const nuclei = Array.from(auditedNuclei, ([key, count]): [Labels, number] => {
    const [kept = "", version = ""] = key.split(" ");
    return [{ kept, version }, count];
  });
  out.counter(
    "midx_audit_decode_total",
    "Audited decodes, by how the number of kept classes compares with that of all rows.",
    nuclei,
  );
}

function addRefreshes(out: Exposition, { fault, refreshes }: Health): void {
  const samples = Object.entries(refreshes).map(([result, count]): [Labels, number] => [{ result }, count]);
  out.counter("midx_refreshes_total", "Refreshes of the index by result.", samples);
  out.gauge("midx_degraded", "1 while a newer index is published that cannot be served.", [
    [{}, Number(fault !== undefined)],
  ]);
}

function addIndexes(out: Exposition, served: Served): void {
  const all = [served, served.canary].filter((each) => each !== undefined);
  const samples = (of: (each: Served) => [Labels, number]): [Labels, number][] => all.map(of);
  out.gauge(
    "midx_index_info",
    "Version and content id of the served index.",
    samples(({ version, index }) => [{ version, content_id: index.info.contentId }, 1]),
  );
  out.gauge(
    "midx_index_classes",
    "Classes of the served index.",
    samples(({ version, index }) => [{ version }, index.info.itemCount]),
  );
  out.gauge(
    "midx_index_memory_bytes",
    "Memory of the served index in bytes.",
    samples(({ version, index }) => [{ version }, index.info.memoryBytes]),
  );
}

const labelsOf = (key: string): Labels => {
  const at = key.indexOf(" ");
  return { route: key.slice(0, at), version: key.slice(at + 1) };
};

const byRoute = <T>(routes: Map<string, T>, value: (metrics: T) => number): [Labels, number][] =>
  Array.from(routes, ([route, metrics]) => [labelsOf(route), value(metrics)]);

const histograms = <T>(routes: Map<string, T>, value: (metrics: T) => Histogram): [Labels, Histogram][] =>
  Array.from(routes, ([route, metrics]) => [labelsOf(route), value(metrics)]);
