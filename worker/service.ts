import type { Context, Hono } from "hono";
import { createApp } from "./app.ts";
import { Problem } from "./contract/problem.ts";
import type { Host } from "./host/host.ts";
import type { Settings } from "./host/settings.ts";
import { IndexSlot } from "./publication/index-slot.ts";
import { type Load, openPrevious, openPublication } from "./publication/open-publication.ts";
import type { Publisher } from "./publication/publication.ts";
import { Refresher } from "./publication/refresher.ts";
import { refreshEvent } from "./telemetry/events.ts";

/** The environment of a service. */
export interface ServiceEnvironment {
  readonly publisher: (c: Context) => Publisher;
  readonly settings: (c: Context) => Settings;
  readonly keepAlive: Host["keepAlive"];
}

/** The application that loads the published index, and replaces it whenever another one is published. */
export function createService(load: Load, { publisher, settings, keepAlive }: ServiceEnvironment): Hono {
  const slot = new IndexSlot();
  const refresher = new Refresher(slot, load);
  const first = async (c: Context) => {
    const publication = await publisher(c).look();
    if (!publication) throw new Problem("index_missing", "no index is published");
    try {
      const loaded = await openPublication(load, publication);
      refresher.start();
      return loaded;
    } catch (reason) {
      const loaded = await openPrevious(load, publication, reason);
      refresher.startAfterFallback(publication.tag, reason);
      return loaded;
    }
  };
  const refresh = async (c: Context): Promise<void> => {
    if (!slot.current) return;
    const outcome = await refresher.look(publisher(c), slot.current);
    settings(c).events?.writeDataPoint(refreshEvent(outcome));
  };
  return createApp({
    settings,
    keepAlive,
    address: (c) => c.req.header("cf-connecting-ip") ?? "unknown",
    health: () => refresher.health,
    async served(c) {
      const served = await slot.get(
        () => first(c),
        (loading) => keepAlive(c, loading),
      );
      if (refresher.isDue(settings(c).refreshSeconds)) keepAlive(c, refresh(c));
      return served;
    },
  });
}
