import { NORMAL_95 } from "../../src/internal.ts";
import type { DriftWatch } from "../host/drift-watch.ts";
import type { Host, Served } from "../host/host.ts";
import type { AnsweredRequest } from "./answered.ts";
import { type Audit, recallOf } from "./audit.ts";
import type { DecodeAudit } from "./decode-audit.ts";
import { Histogram } from "./histogram.ts";
import { VersionDrift } from "./version-drift.ts";

const SIZES = [1, 3, 10, 30, 100, 300, 1000, 3000];
const ERRORS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

/** The versions whose answers are counted: those that answered last. A service that compacts often has a new one every hour. */
const MOST_VERSIONS = 4;
/** The versions whose drift is watched: the current one, and its canary or the one before it. */
const MOST_WATCHED = 2;

/** Metrics of the answers of one route. */
export class RouteMetrics {
  answers = 0;
  scored = 0;
  lowEss = 0;
  readonly effectiveSampleSize = new Histogram(SIZES);
  readonly standardError = new Histogram(ERRORS);
  readonly headShare = new Histogram(SHARES);
  readonly kept = new Histogram(SIZES);
  /** The number of answers of decode, by the rule that decided which classes are kept. */
  readonly decided = new Map<string, number>();
}

/** Metrics of the audited estimates of one route. */
export class AuditMetrics {
  outside = 0;
  error = 0;
  /** Both are of the answers that reported a standard error, so that they can be compared. */
  errorSquares = 0;
  reportedSquares = 0;
  readonly absoluteError = new Histogram(ERRORS);
  readonly recall = new Histogram(SHARES);
}

/**
 * The metrics of this isolate since it started. They contain no times, because clocks stand still while a Worker computes:
 * work is counted in classes. Isolates come and go, so sums over isolates and rates are meaningful, single values are not.
 */
export class Metrics {
  /** The number of requests by path and status, with a space between them. */
  readonly requests = new Map<string, number>();
  /** By path and version, with a space between them, for the versions that answered last. So are audits. */
  readonly routes = new Map<string, RouteMetrics>();
  readonly audits = new Map<string, AuditMetrics>();
  /** The number of audited decodes, by how the classes that they kept compare with all rows and by version, likewise. */
  readonly auditedNuclei = new Map<string, number>();
  /** The drift of the versions that answered last, or were served when metrics were asked for. */
  readonly drifts = new Map<string, DriftWatch>();
  readonly #versions = new Map<string, true>();
  readonly #watchDrift: NonNullable<Host["watchDrift"]>;

  constructor(watchDrift: Host["watchDrift"] = (served) => new VersionDrift(served)) {
    this.#watchDrift = watchDrift;
  }

  /** Returns the drift of a version, and begins to watch it if it has not answered yet: changes may have filled its room. */
  watch(served: Served): DriftWatch {
    return latest(this.drifts, served.version, MOST_WATCHED, () => this.#watchDrift(served));
  }

  requested(route: string, status: number): void {
    add(this.requests, `${route} ${status}`);
  }

  answered({ path, served, conditions, options, answers }: AnsweredRequest): void {
    const { version } = served;
    latest(this.#versions, version, MOST_VERSIONS, () => true, this.#forget);
    const route = obtain(this.routes, `${path} ${version}`, () => new RouteMetrics());
    const drift = this.watch(served);
    const isConditional = Object.keys(conditions).length > 0;
    for (const answer of answers) {
      const { scored, effectiveSampleSize, standardError, headShare, lowEss, kept, decided } = answer;
      route.answers++;
      route.scored += scored;
      if (lowEss) route.lowEss++;
      if (effectiveSampleSize !== undefined) route.effectiveSampleSize.observe(effectiveSampleSize);
      if (standardError !== undefined) route.standardError.observe(standardError);
      if (headShare !== undefined) route.headShare.observe(headShare);
      if (kept !== undefined) route.kept.observe(kept);
      if (decided !== undefined) add(route.decided, decided);
      if (!isConditional) drift.observe(answer, options);
    }
  }

  readonly #forget = (version: string): void => {
    for (const counts of [this.routes, this.audits, this.auditedNuclei]) {
      for (const key of counts.keys()) if (key.endsWith(` ${version}`)) counts.delete(key);
    }
  };

  audited({ path, served }: AnsweredRequest, audit: Audit | DecodeAudit): void {
    const { version } = served;
    if (!this.#versions.has(version)) return; // an audit ends after its answer, and may come too late
    if ("kept" in audit) {
      const more = audit.kept - audit.keptByAll;
      add(this.auditedNuclei, `${more === 0 ? "right" : more > 0 ? "more" : "fewer"} ${version}`);
      return;
    }
    const { error, standardError } = audit;
    const recall = recallOf(audit);
    const route = obtain(this.audits, `${path} ${version}`, () => new AuditMetrics());
    route.error += error;
    if (Number.isFinite(standardError)) {
      route.errorSquares += error * error;
      route.reportedSquares += standardError * standardError;
    }
    if (Math.abs(error) > NORMAL_95 * standardError) route.outside++;
    route.absoluteError.observe(Math.abs(error));
    if (recall !== undefined) route.recall.observe(recall);
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function obtain<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Returns a value and makes it the last of its map. Of more than `most`, the first is dropped, which was asked for the longest ago. */
function latest<V>(map: Map<string, V>, key: string, most: number, make: () => V, dropped?: (key: string) => void): V {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  if (map.size > most) {
    const first = map.keys().next().value as string;
    map.delete(first);
    dropped?.(first);
  }
  return value;
}
