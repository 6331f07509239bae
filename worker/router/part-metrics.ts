import { Histogram } from "../telemetry/histogram.ts";
import { Exposition, type Labels } from "../telemetry/prometheus.ts";
import { Latencies } from "./latencies.ts";

const SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const MS = 1000;

/** The counters of this router for parts that are asked together. */
export class PartMetrics {
  requests = 0;
  failures = 0;
  hedges = 0;
  /** Why the last request failed. Undefined once one has been answered. */
  failure: string | undefined;
  readonly seconds = new Histogram(SECONDS);
  readonly latencies = new Latencies();

  answered(ms: number): void {
    this.latencies.observe(ms);
    this.seconds.observe(ms / MS);
  }
}

/** The metrics of all parts, by their numbers. */
export class MetricsByPart {
  /** The counters by the names of parts. */
  readonly parts = new Map<string, PartMetrics>();
  /** The number of whole questions that were asked again with another generation. */
  renewals = 0;
  /** The number of requests that were answered without some of the parts, which they allowed. */
  partial = 0;

  of(numbers: readonly number[]): PartMetrics {
    const name = nameOf(numbers);
    const known = this.parts.get(name) ?? new PartMetrics();
    this.parts.set(name, known);
    return known;
  }

  /** The metrics in Prometheus' text format. */
  get text(): string {
    const out = new Exposition();
    const by = <T>(value: (part: PartMetrics) => T): [Labels, T][] =>
      Array.from(this.parts, ([part, metrics]) => [{ part }, value(metrics)]);
    out.counter(
      "midx_part_requests_total",
      "Requests to hosts of parts, with hedges.",
      by(({ requests }) => requests),
    );
    out.counter(
      "midx_part_failures_total",
      "Requests to hosts of parts that failed.",
      by(({ failures }) => failures),
    );
    out.counter(
      "midx_part_hedges_total",
      "Requests to another replica since the first was slow.",
      by(({ hedges }) => hedges),
    );
    out.histogram(
      "midx_part_seconds",
      "Latency of the answers of parts.",
      by(({ seconds }) => seconds),
    );
    out.counter("midx_renewals_total", "Questions that were asked again with another generation.", [
      [{}, this.renewals],
    ]);
    out.counter("midx_partial_answers_total", "Requests answered without some of the parts.", [[{}, this.partial]]);
    return out.text;
  }
}

/** Returns the name of parts: 3, or 0-7 for parts behind a router. */
const nameOf = (numbers: readonly number[]): string =>
  numbers.length === 1 ? String(numbers[0]) : `${numbers[0]}-${numbers.at(-1)}`;
