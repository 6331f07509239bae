import type { Health, Served } from "../host/host.ts";
import type { Histogram } from "./histogram.ts";
import type { Metrics } from "./metrics.ts";
import { Exposition, type Labels } from "./prometheus.ts";

/** The metrics in Prometheus' text format. docs/monitoring.md says what to look at. */
export function metricsText(metrics: Metrics, health: Health, inFlight: number): string {
  const out = new Exposition();
  addRequests(out, metrics, inFlight);
  addAnswers(out, metrics);
  addAudits(out, metrics);
  addRefreshes(out, health);
  if (health.served) addIndex(out, health.served);
  return out.text;
}

function addRequests(out: Exposition, { requests }: Metrics, inFlight: number): void {
  const samples = Array.from(requests, ([key, count]): [Labels, number] => {
    const [route = "", status = ""] = key.split(" ");
    return [{ route, status }, count];
  });
  out.counter("midx_requests_total", "Requests.", samples);
  out.gauge("midx_requests_in_flight", "Requests under way.", [[{}, inFlight]]);
}

function addAnswers(out: Exposition, { routes, drift }: Metrics): void {
  out.counter(
    "midx_answers_total",
    "Queries answered.",
    byRoute(routes, (r) => r.answers),
  );
  out.counter(
    "midx_classes_scored_total",
    "Rows read for them.",
    byRoute(routes, (r) => r.scored),
  );
  out.counter(
    "midx_low_ess_total",
    "Estimates whose error is not to be trusted.",
    byRoute(routes, (r) => r.lowEss),
  );
  const sizes = histograms(routes, (r) => r.effectiveSampleSize);
  out.histogram("midx_effective_sample_size", "Exact draws that the draws of an answer are worth.", sizes);
  const errors = histograms(routes, (r) => r.standardError);
  out.histogram("midx_standard_error", "Standard errors of log-partitions, as reported.", errors);
  const shares = histograms(routes, (r) => r.headShare);
  out.histogram("midx_head_share", "Share of a partition that was summed, not sampled.", shares);
  const value = drift?.drift.value;
  out.gauge(
    "midx_log_partition_drift",
    "Recent mean log-partition less the mean of the first 1,000 of the version, in their standard deviations.",
    drift && value !== undefined ? [[{ version: drift.version }, value]] : [],
  );
}

function addAudits(out: Exposition, { audits }: Metrics): void {
  const absolute = histograms(audits, (a) => a.absoluteError);
  out.histogram("midx_audit_absolute_error", "Errors of log-partitions that were computed again exactly.", absolute);
  out.gauge(
    "midx_audit_error_sum",
    "Sum of the same with their signs: bias.",
    byRoute(audits, (a) => a.error),
  );
  out.counter(
    "midx_audit_error_squares_total",
    "Sum of their squares.",
    byRoute(audits, (a) => a.errorSquares),
  );
  const reported = byRoute(audits, (a) => a.reportedSquares);
  out.counter("midx_audit_reported_squares_total", "Sum of squares of the standard errors reported.", reported);
  out.counter(
    "midx_audit_outside_total",
    "Errors above 1.96 standard errors.",
    byRoute(audits, (a) => a.outside),
  );
  const recall = histograms(audits, (a) => a.recall);
  out.histogram("midx_audit_recall", "Share of the k best that an answer had.", recall);
}

function addRefreshes(out: Exposition, { fault, refreshes }: Health): void {
  const samples = Object.entries(refreshes).map(([result, count]): [Labels, number] => [{ result }, count]);
  out.counter("midx_refreshes_total", "Looks for a newer index, by what came of them.", samples);
  out.gauge("midx_degraded", "1 while a newer index can't be taken.", [[{}, Number(fault !== undefined)]]);
}

function addIndex(out: Exposition, { version, index }: Served): void {
  const { contentId, itemCount, memoryBytes } = index.info;
  out.gauge("midx_index_info", "The index that is served.", [[{ version, content_id: contentId }, 1]]);
  out.gauge("midx_index_classes", "Its classes.", [[{}, itemCount]]);
  out.gauge("midx_index_memory_bytes", "Its memory.", [[{}, memoryBytes]]);
}

const byRoute = <T>(routes: Map<string, T>, value: (metrics: T) => number): [Labels, number][] =>
  Array.from(routes, ([route, metrics]) => [{ route }, value(metrics)]);

const histograms = <T>(routes: Map<string, T>, value: (metrics: T) => Histogram): [Labels, Histogram][] =>
  Array.from(routes, ([route, metrics]) => [{ route }, value(metrics)]);
