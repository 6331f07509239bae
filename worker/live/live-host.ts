import type { Context } from "hono";
import { explainFailures, type Health, type Host, type Served } from "../host/host.ts";
import { Exposition } from "../telemetry/prometheus.ts";
import type { Follower } from "./follower.ts";
import type { Followers } from "./followers.ts";
import type { LiveSettings } from "./live-settings.ts";
import { MUTATION_HEADER, minMutationOf } from "./min-mutation.ts";
import { isWrite } from "./writers.ts";

/** A host whose answers are of an index with the changes of the log. */
export function liveHost(published: Host, followers: Followers, live: () => LiveSettings): Host {
  const load = explainFailures(published.served);
  const ready = async (
    c: Context,
    fields?: object,
  ): Promise<{ readonly served: Served; readonly follower: Follower }> => {
    const served = await load(c);
    const { follower } = followers.of(served.index);
    await follower.ready(live().deltaMs, minMutationOf(c, fields), (work) => published.keepAlive(c, work));
    return { served, follower };
  };
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
      return snapshot(served, follower);
    },
    async answerWith(c, answer, fields) {
      const { served, follower } = await ready(c, fields);
      // Nothing may happen between the snapshot and the answer, which computes before it waits for anything.
      const now = snapshot(served, follower);
      const response = await answer(now);
      response.headers.set(MUTATION_HEADER, String(now.mutation));
      return response;
    },
    moreMetrics: () => metricsText(published.health(), followers),
  };
}

function snapshot(served: Served, follower: Follower): Served {
  const { sequence } = follower;
  return { ...served, mutation: sequence, isCurrent: () => follower.sequence === sequence };
}

function healthOf(health: Health, followers: Followers): Health {
  const { served, fault } = health;
  return { ...health, fault: fault ?? (served && followers.of(served.index).follower.fault) };
}

function metricsText({ served }: Health, followers: Followers): string {
  const out = new Exposition();
  out.counter("midx_tails_total", "Looks for new changes in the log, by what came of them.", [
    [{ result: "done" }, followers.tails.done],
    [{ result: "failed" }, followers.tails.failed],
  ]);
  if (served) {
    const { follower, maxDelta } = followers.of(served.index);
    const { rowCount = 0, removedCount = 0 } = served.index.info.changes ?? {};
    out.gauge("midx_mutation", "Number of the last change that answers have.", [[{}, follower.sequence]]);
    out.gauge("midx_log_head", "Number of the last change of the log, as far as it is known.", [[{}, follower.head]]);
    out.gauge("midx_delta_rows", "Rows that changes hold.", [[{}, rowCount]]);
    out.gauge("midx_delta_rows_limit", "Rows that changes may hold.", [[{}, maxDelta]]);
    out.gauge("midx_delta_removed", "Classes of the file that changes have removed.", [[{}, removedCount]]);
  }
  return out.text;
}
