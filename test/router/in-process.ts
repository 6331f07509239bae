import type { Hono } from "hono";
import { load } from "../../src/index.ts";
import type { Host } from "../../worker/host/host.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { createPartService } from "../../worker/part-service.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publisher } from "../../worker/publication/publication.ts";
import type { PartHost, RoutedParts } from "../../worker/router/part-hosts.ts";
import { MetricsByPart } from "../../worker/router/part-metrics.ts";
import { remoteSources } from "../../worker/router/remote-sources.ts";
import { type RouterOptions, routerSettingsOf } from "../../worker/router/router-settings.ts";
import type { RouterSequences } from "../../worker/router/sequences-by.ts";
import { createRouterService } from "../../worker/router-service.ts";

const lasting = (_: unknown, work: Promise<unknown>): void => void work.catch(() => undefined);

/** A host of one part in this process. */
export function partHost(publisher: Publisher<PublishedManifest>, number: number, mostBytes?: number): Hono {
  return createPartService(load, {
    publisher: () => publisher,
    number: () => number,
    settings: () => settingsOf(),
    keepAlive: lasting,
    address: () => "router",
    ...(mostBytes !== undefined && { mostBytes }),
  });
}

/** Answers without a network. */
export const hostOf = (app: Pick<Hono, "fetch">): PartHost => ({ fetch: async (request) => app.fetch(request) });

/** A router in this process over the hosts that `hosts` returns. */
export function router(
  publisher: Publisher<PublishedManifest>,
  hosts: (parts: RoutedParts) => readonly PartHost[],
  options: RouterOptions & {
    readonly refreshSeconds?: number;
    readonly maxWork?: number;
    readonly auditRate?: number;
    readonly sequences?: RouterSequences;
    readonly watchDrift?: Host["watchDrift"];
  } = {},
): { readonly app: Hono; readonly metrics: MetricsByPart } {
  const metrics = new MetricsByPart();
  const { refreshSeconds = 60, maxWork, auditRate, sequences, watchDrift, ...routing } = options;
  const app = createRouterService({
    publisher: () => publisher,
    settings: () =>
      settingsOf({
        refreshSeconds,
        ...(maxWork !== undefined && { maxWork }),
        ...(auditRate !== undefined && { auditRate }),
      }),
    keepAlive: lasting,
    sourcesOf: remoteSources(hosts, metrics),
    router: routerSettingsOf(routing),
    metrics,
    ...(sequences && { sequences }),
    ...(watchDrift && { watchDrift }),
  });
  return { app, metrics };
}

/** A response: tests look at what they expect in it. */
interface Asked {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: every test reads the fields that it expects
  readonly answer: any;
}

/** Asks a route of an application for a JSON answer. */
export async function ask(app: Pick<Hono, "request">, path: string, body: unknown): Promise<Asked> {
  const response = await app.request(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}
