import type { Hono } from "hono";
import { settingsOf } from "../../../worker/host/settings.ts";
import { watchTogether } from "../../../worker/middleware/watch.ts";
import { createSequenceApp } from "../../../worker/sequence-service.ts";
import { type OpenEncoder, withEncoders } from "../../../worker/sequences/encoders.ts";
import { publishedHost } from "../../../worker/service.ts";
import { PROCESS_HOST, type ProcessService, serviceOptions } from "../serving/process-host.ts";
import { loadInProcess } from "./load-in-process.ts";
import { publishedFile } from "./published-file.ts";

/** The settings for serving what a pointer names. */
export interface PublishedServing extends ProcessService {
  /** The path of the pointer. */
  readonly path: string;
  readonly refreshSeconds: number | undefined;
  readonly openEncoder: OpenEncoder;
}

/** The application of the file that a pointer names, and of each later one. */
export function publishedApp({ path, refreshSeconds, openEncoder, ...service }: PublishedServing): Hono {
  const settings = settingsOf({ ...serviceOptions(service), ...(refreshSeconds !== undefined && { refreshSeconds }) });
  const file = publishedFile(path);
  const { host } = publishedHost(withEncoders(loadInProcess, openEncoder), {
    ...PROCESS_HOST,
    settings: () => settings,
    publisher: () => file,
  });
  return createSequenceApp(host, watchTogether());
}
