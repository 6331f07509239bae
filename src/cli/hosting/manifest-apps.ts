import type { Hono } from "hono";
import { settingsOf } from "../../../worker/host/settings.ts";
import type { LiveSettings } from "../../../worker/live/live-settings.ts";
import { changePassing } from "../../../worker/live/parts/change-passing.ts";
import { takeChanges, takingBy } from "../../../worker/live/parts/take-changes.ts";
import { createLiveRouterService } from "../../../worker/live-router-service.ts";
import { watchTogether } from "../../../worker/middleware/watch.ts";
import { createPartService } from "../../../worker/part-service.ts";
import type { SourcesOf } from "../../../worker/router/open-router.ts";
import { atOrigins } from "../../../worker/router/part-hosts.ts";
import { MetricsByPart } from "../../../worker/router/part-metrics.ts";
import { remoteSources } from "../../../worker/router/remote-sources.ts";
import { routerSettingsOf } from "../../../worker/router/router-settings.ts";
import { sequencesBy } from "../../../worker/router/sequences-by.ts";
import { createRouterService, type RouterEnvironment } from "../../../worker/router-service.ts";
import { openSharedEncoder } from "../../encoder/index.ts";
import type { ChangeLog } from "../../publication/change-log.ts";
import type { ManifestPart } from "../../publication/manifest.ts";
import { loadHere } from "../files/load-here.ts";
import { PROCESS_HOST, type ProcessService, serviceOptions } from "../serving/process-host.ts";
import { localPart } from "./local-parts.ts";
import { manifestFile } from "./manifest-publisher.ts";
import { partsInTurn } from "./parts-in-turn.ts";

/** The settings for serving a manifest. */
export interface ManifestServing extends ProcessService {
  /** The path of the manifest. */
  readonly path: string;
  /** Seconds between looks for another manifest in the same place. */
  readonly refreshSeconds: number | undefined;
}

/** The places where the parts of a manifest are served. */
export interface PartPlaces {
  /** The origins of each part, or group of parts, in their order. Undefined: all parts are loaded into this process. */
  readonly origins: readonly (readonly string[])[] | undefined;
  /** The number of parts that each of the origins answers for. Default: 1. */
  readonly groups: readonly number[] | undefined;
  /** The token that the hosts of parts require. */
  readonly token: string | undefined;
}

/** The number of requests to parts at once. A process has no limit of its own. */
const FAN_OUT = 64;

const environment = ({ path, refreshSeconds, ...service }: ManifestServing) => {
  const settings = settingsOf({ ...serviceOptions(service), ...(refreshSeconds !== undefined && { refreshSeconds }) });
  const publisher = manifestFile(path);
  return { ...PROCESS_HOST, publisher: () => publisher, settings: () => settings, watch: watchTogether() };
};

/**
 * A host of one part of a manifest, for routers. A process takes all the memory that two generations need. With `maxDelta` it takes
 * changes.
 */
export const partApp = (serving: ManifestServing, number: number, maxDelta: number | undefined): Hono =>
  createPartService(loadHere, {
    ...environment(serving),
    number: () => number,
    mostBytes: Number.MAX_SAFE_INTEGER,
    ...(maxDelta !== undefined && { changes: takingBy(takeChanges({ maxDelta })) }),
  });

/** The log of changes that a router takes. */
export interface RoutedLog {
  readonly log: ChangeLog;
  readonly live: LiveSettings;
}

/**
 * A router over the parts of a manifest: at other hosts, or in this process. With a log it takes changes for other hosts; without
 * one, it may pass them on from a router above. `metrics` counts what other hosts answer, `failures` says which parts cannot be
 * loaded here.
 */
export function routerApp(
  serving: ManifestServing,
  { origins, groups, token }: PartPlaces,
  changes?: RoutedLog | "passed on",
  metrics = new MetricsByPart(),
  failures = new Map<string, string>(),
): Hono {
  const local: SourcesOf = (published, grouped) =>
    grouped.map((parts) => localPart(published, parts[0] as ManifestPart, failures));
  const shared: RouterEnvironment = {
    ...environment(serving),
    ...(!origins && { partsInTurn }),
    sourcesOf: origins ? remoteSources((parts) => atOrigins(origins, parts, token), metrics) : local,
    router: routerSettingsOf({ fanOut: FAN_OUT, ...(groups && { groups }) }),
    metrics,
    sequences: sequencesBy(openSharedEncoder),
  };
  if (!changes) return createRouterService(shared);
  if (changes === "passed on") return createRouterService({ ...shared, passing: changePassing() });
  const { log, live } = changes;
  return createLiveRouterService({ ...shared, log: () => log, live: () => live });
}
