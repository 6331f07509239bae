import type { Hono } from "hono";
import { settingsOf } from "../../../worker/host/settings.ts";
import type { LiveSettings } from "../../../worker/live/live-settings.ts";
import { sequencesOf } from "../../../worker/live/sequences-of.ts";
import { createLiveService, liveServiceOf } from "../../../worker/live-service.ts";
import { watchTogether } from "../../../worker/middleware/watch.ts";
import { hasEncoder, openEncoder } from "../../encoder/index.ts";
import type { ChangeLog } from "../../publication/change-log.ts";
import { PROCESS_HOST, type ProcessService, serviceOptions } from "../serving/process-host.ts";
import { loadInProcess } from "./load-in-process.ts";
import { manifestFile } from "./manifest-publisher.ts";
import { openParts } from "./open-parts.ts";
import { publishedFile } from "./published-file.ts";
import { type ReadyApp, readyApp } from "./ready-app.ts";

/** The settings for serving an index that changes. */
export interface LiveServing extends ProcessService {
  /** The path of an index file, of the pointer to one, or of a manifest. */
  readonly path: string;
  /** True for a manifest, all parts of which are loaded into this process. */
  readonly isManifest: boolean;
  readonly log: ChangeLog;
  readonly live: LiveSettings;
  readonly refreshSeconds: number | undefined;
}

/**
 * Loads an index and brings it to the end of a log.
 *
 * @throws Error that says why the index cannot be served with the log
 */
export const readyLiveApp = (serving: LiveServing): Promise<ReadyApp> => readyApp(serving.path, liveApp(serving));

/** The application of an index with the changes of a log. */
export function liveApp({ path, isManifest, log, live, refreshSeconds, ...service }: LiveServing): Hono {
  const settings = settingsOf({ ...serviceOptions(service), ...(refreshSeconds !== undefined && { refreshSeconds }) });
  const shared = {
    ...PROCESS_HOST,
    settings: () => settings,
    log: () => log,
    live: () => live,
    watch: watchTogether(),
    sequences: sequencesOf({ hasEncoder, openEncoder }),
  };
  if (isManifest) {
    const parts = manifestFile(path);
    return liveServiceOf(openParts(loadInProcess), { ...shared, publisher: () => parts });
  }
  const file = publishedFile(path);
  return createLiveService(loadInProcess, { ...shared, publisher: () => file });
}
