import { afterAll, describe, test } from "vitest";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import { type Service, serve } from "../vectorize/served.ts";
import { COUNT, hats, Isolate, labelOf, published, rowOf, type Shelf } from "./live-service.ts";
import { memorySegments } from "./log/memory-segments.ts";
import { publishedParts, type Rows, shelfOfParts } from "./parted-shelf.ts";
import { hostsOf, PassingRouter, RouterIsolate } from "./routed-parts.ts";
import { liveBySdk, liveByStore } from "./vectorize-life.ts";

// The published clients of Vectorize against an index that takes changes and against one in parts, behind real sockets.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
const parts = publishedParts(ROWS, [12, 25, 33], "one", 0, "kinds");
const services: Service[] = [];
afterAll(() => {
  for (const { close } of services) close();
});

type PartedShelf = Shelf<PublishedManifest>;
const newLog = () => new SegmentLog(memorySegments(), "log/");
const overParts = async (appOf: (shelf: PartedShelf) => Isolate | RouterIsolate) => appOf(shelfOfParts(await parts));

const SERVICES: Readonly<Record<string, () => Promise<Isolate | RouterIsolate>>> = {
  "one index": async () => new Isolate({ current: published(await hats(), "first") }, newLog()),
  "all parts in one process": () => overParts((shelf) => new Isolate(shelf, newLog())),
  "a router": () => overParts((shelf) => new RouterIsolate(shelf, hostsOf(shelf, 4), newLog())),
  "a router of routers": () =>
    overParts((shelf) => {
      const below = new PassingRouter(shelf, hostsOf(shelf, 4));
      return new RouterIsolate(shelf, [below, below, below], newLog(), { routing: { groups: [2, 2] } });
    }),
};

describe.each(Object.entries(SERVICES))("at %s", (_, start) => {
  const begin = async (): Promise<string> => {
    const service = await serve((await start()).app);
    services.push(service);
    return service.url;
  };

  test("Cloudflare's SDK goes through the life of vectors", async () => liveBySdk(await begin()));

  test("LangChain's store goes through the life of documents", async () => liveByStore(await begin()));
});
