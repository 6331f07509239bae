import type { Hono } from "hono";
import { settingsOf } from "../../../worker/host/settings.ts";
import { liveSettingsOf } from "../../../worker/live/live-settings.ts";
import { createLiveService } from "../../../worker/live-service.ts";
import { watchTogether } from "../../../worker/middleware/watch.ts";
import { load } from "../../index.ts";
import type { ChangeLog } from "../../publication/change-log.ts";
import { PROCESS_HOST, type ProcessService, serviceOptions } from "../serving/process-host.ts";
import { publishedFile } from "./published-file.ts";

/** How an index is served that changes. */
export interface LiveServing extends ProcessService {
  /** The path of an index file, or of the pointer to one, which ends in ".json". */
  readonly path: string;
  readonly log: ChangeLog;
  /** SHA-256 of the token that writers must have. Undefined: nobody may write. */
  readonly writeDigest: string | undefined;
  readonly refreshSeconds: number | undefined;
  readonly deltaSeconds: number | undefined;
  readonly maxDelta: number | undefined;
}

/** The application of an index with the changes of a log. A process takes all the memory that two versions need. */
export function liveApp({
  path,
  log,
  refreshSeconds,
  writeDigest,
  deltaSeconds,
  maxDelta,
  ...service
}: LiveServing): Hono {
  const settings = settingsOf({ ...serviceOptions(service), ...(refreshSeconds !== undefined && { refreshSeconds }) });
  const live = liveSettingsOf({
    ...(writeDigest !== undefined && { writeTokens: [writeDigest] }),
    ...(deltaSeconds !== undefined && { deltaSeconds }),
    ...(maxDelta !== undefined && { maxDelta }),
  });
  const publisher = publishedFile(path);
  return createLiveService((source, options) => load(source, { ...options, maxBytes: Number.MAX_SAFE_INTEGER }), {
    ...PROCESS_HOST,
    publisher: () => publisher,
    settings: () => settings,
    log: () => log,
    live: () => live,
    watch: watchTogether(),
  });
}
