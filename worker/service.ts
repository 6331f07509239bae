import type { Context, Hono } from "hono";
import type { IndexSource } from "../src/public.ts";
import { createApp } from "./app.ts";
import { Problem } from "./contract/problem.ts";
import type { Host, Served } from "./host/host.ts";
import type { Settings } from "./host/settings.ts";
import { IndexSlot } from "./publication/index-slot.ts";
import { nextOf } from "./publication/next-publication.ts";
import { type Load, type Loaded, openPrevious, openPublication } from "./publication/open-publication.ts";
import type { Publisher } from "./publication/publication.ts";
import { Refresher } from "./publication/refresher.ts";
import { versionFor } from "./publication/version-for.ts";
import { refreshEvent } from "./telemetry/events.ts";

/** The environment of a service. */
export interface ServiceEnvironment<Source> {
  readonly publisher: (c: Context) => Publisher<Source>;
  readonly settings: (c: Context) => Settings;
  readonly keepAlive: Host["keepAlive"];
  readonly watchDrift?: Host["watchDrift"];
  /** Default: the address that Cloudflare's network gives. */
  readonly address?: Host["address"];
}

/** The host of a publication, with a way to look for a newer one at once. */
export interface PublishedHost {
  readonly host: Host;
  /** Looks for a newer publication, and returns the one that is served afterwards. */
  readonly look: (c: Context) => Promise<Served | undefined>;
  /** Looks for a newer publication behind the answer, unless that has just been done. */
  readonly lookBehind: (c: Context) => void;
}

/** The application that loads the published index, and replaces it whenever another one is published. */
export const createService = (load: Load, environment: ServiceEnvironment<IndexSource>): Hono =>
  createApp(publishedHost(load, environment).host);

/** Makes a host that loads the publication when it is first needed, and replaces it by later ones. */
export function publishedHost<Source>(
  load: Load<Source>,
  { publisher, settings, keepAlive, watchDrift, address = addressAtCloudflare }: ServiceEnvironment<Source>,
): PublishedHost {
  const slot = new IndexSlot();
  const refresher = new Refresher(slot, load);
  const first = async (c: Context) => {
    const publication = await publisher(c).look();
    if (!publication) throw new Problem("index_missing", "no index is published");
    let loaded: Loaded | undefined;
    try {
      loaded = await openPublication(load, publication);
      refresher.start();
      return publication.canary ? (await nextOf(load, publication, loaded)).next : loaded;
    } catch (reason) {
      loaded = loaded ? { ...loaded, tag: undefined } : await openPrevious(load, publication, reason);
      refresher.startAfterFallback(publication.tag, reason);
      return loaded;
    }
  };
  const look = async (c: Context): Promise<Served | undefined> => {
    if (!slot.current) return undefined;
    const outcome = await refresher.look(publisher(c), slot.current);
    settings(c).events?.writeDataPoint(refreshEvent(outcome));
    return slot.current;
  };
  const host: Host = {
    settings,
    keepAlive,
    watchDrift,
    address,
    health: () => refresher.health,
    async served(c) {
      const served = await slot.get(
        () => first(c),
        (loading) => keepAlive(c, loading),
      );
      if (refresher.isDue(settings(c).refreshSeconds)) keepAlive(c, look(c));
      return versionFor(c, served);
    },
  };
  const lookBehind = (c: Context): void => {
    if (settings(c).refreshSeconds > 0 && refresher.isDue(LEAST_LOOK_SECONDS)) keepAlive(c, look(c));
  };
  return { host, look, lookBehind };
}

/** The least seconds between looks for a newer publication that does not wait for its time. */
const LEAST_LOOK_SECONDS = 1;

const addressAtCloudflare = (c: Context): string => c.req.header("cf-connecting-ip") ?? "unknown";
