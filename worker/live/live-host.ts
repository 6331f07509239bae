import type { Context } from "hono";
import type { IndexInfo } from "../../src/public.ts";
import { ofVersion, type Problem } from "../contract/problem.ts";
import { explainFailures, type Health, type Host, type Served } from "../host/host.ts";
import { ageOf } from "../publication/age-of.ts";
import { Exposition, type Labels } from "../telemetry/prometheus.ts";
import type { WritingHost } from "./append.ts";
import type { Changing } from "./changing.ts";
import type { Follower } from "./follower.ts";
import type { FollowedIndexes } from "./followers.ts";
import { besideIn } from "./metadata-beside.ts";
import { MUTATION_HEADER, minMutationOf } from "./min-mutation.ts";
import { isWrite } from "./writers.ts";

/** The time in ms that requests wait for another version if the log lacks the next changes, and the interval of their looks. */
const STRANDED_MS = 5_000;
const POLL_MS = 20;

/** The host of a publication, which can be told that a newer one is needed. */
export interface LookingHost {
  readonly host: Host;
  readonly lookBehind: (c: Context) => void;
}

/** A host whose answers are of an index with the changes of the log. */
export function liveHost(
  { host: published, lookBehind }: LookingHost,
  { followers, live, log }: Pick<WritingHost, "followers" | "live" | "log">,
): Host {
  const snapshot = (served: Served, follower: Follower): Served & Required<Pick<Served, "isCurrent">> => {
    const { sequence } = follower;
    const isCurrent = (): boolean => follower.sequence === sequence;
    return { ...served, mutation: sequence, isCurrent, beside: besideIn(log()) };
  };
  const load = explainFailures(published.served);
  const ready = async (
    c: Context,
    fields?: object,
  ): Promise<{ readonly served: Served; readonly follower: Follower }> => {
    const served = await load(c);
    const { follower } = followers.of(served.index);
    const wanted = minMutationOf(c, fields);
    const failure = await follower
      .ready(live().deltaMs, wanted, (work) => published.keepAlive(c, work))
      .catch((error: unknown) => ({ error }));
    // An isolate that slept while versions came and the log was trimmed needs a newer version now.
    while (follower.strandedAt !== undefined && ageOf(follower.strandedAt) < STRANDED_MS) {
      lookBehind(c);
      if ((await load(c)).index !== served.index) return ready(c, fields);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (failure) throw failure.error;
    return { served, follower };
  };
  const reach = (c: Context, follower: Follower, sequence: number): Promise<boolean> =>
    follower.reach(sequence, (work) => published.keepAlive(c, work));
  return {
    ...published,
    // Who may write and who may read are two lists.
    settings: (c) => {
      const settings = published.settings(c);
      return isWrite(c) ? { ...settings, tokens: live().writeTokens } : settings;
    },
    health: () => healthOf(published.health(), followers),
    async served(c) {
      const { served, follower } = await ready(c);
      c.header(MUTATION_HEADER, String(follower.sequence));
      return { ...snapshot(served, follower), info: infoOf(followers.of(served.index)) };
    },
    async answerWith(c, answer, fields) {
      for (let tries = 0; ; tries++) {
        const { served, follower } = await ready(c, fields);
        // Nothing may happen between the snapshot and the answer: an index computes before it waits for anything, and parts say so.
        const now = snapshot(served, follower);
        const { inSteps } = followers.of(served.index);
        const response = inSteps
          ? await inSteps(
              { c, isCurrent: now.isCurrent, tries, reach: (sequence) => reach(c, follower, sequence) },
              (index) => answer({ ...now, index, lasting: now.index }),
            )
          : await answer(now);
        if (!response) continue;
        response.headers.set(MUTATION_HEADER, String(now.mutation));
        return response;
      }
    },
    moreMetrics: () => metricsText(published.health(), followers),
  };
}

/** Returns the facts of an index, with the limit of writes in all its parts, beyond which there is memory for more. */
function infoOf({ index: { info }, maxDelta, changesByPart }: Changing): IndexInfo {
  const { changes } = info;
  return { ...info, ...(changes && { changes: { ...changes, maxDelta: maxDelta * (changesByPart?.().length ?? 1) } }) };
}

function healthOf(health: Health, followers: FollowedIndexes): Health {
  const { served, fault } = health;
  const faultOf = (version: Served | undefined): Problem | undefined =>
    version && followers.of(version.index).follower.fault;
  const ofCanary = faultOf(served?.canary);
  const own = faultOf(served) ?? (ofCanary && ofVersion(ofCanary, served?.canary?.version ?? ""));
  return { ...health, fault: fault ?? own };
}

function metricsText({ served }: Health, followers: FollowedIndexes): string {
  const out = new Exposition();
  out.counter("midx_tails_total", "Reads of the log for new changes, by result.", [
    [{ result: "done" }, followers.tails.done],
    [{ result: "failed" }, followers.tails.failed],
  ]);
  if (served) {
    const { follower, maxDelta, changesByPart } = followers.of(served.index);
    const { rowCount = 0, removedCount = 0 } = served.index.info.changes ?? {};
    const rows = changesByPart?.().map((own): [Labels, number] => [{ part: String(own.part) }, own.rowCount]);
    out.gauge("midx_mutation", "Number of the last change that answers have.", [[{}, follower.sequence]]);
    out.gauge("midx_log_head", "Number of the last change of the log, as far as it is known.", [[{}, follower.head]]);
    out.gauge("midx_delta_rows", "Rows that changes hold.", rows ?? [[{}, rowCount]]);
    out.gauge("midx_delta_rows_limit", "Rows that changes may hold.", [[{}, maxDelta]]);
    out.gauge("midx_delta_removed", "Classes of the file that changes have removed.", [[{}, removedCount]]);
  }
  return out.text;
}
