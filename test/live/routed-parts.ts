import type { Hono } from "hono";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { liveSettingsOf } from "../../worker/live/live-settings.ts";
import { changePassing } from "../../worker/live/parts/change-passing.ts";
import { takeChanges, takingBy } from "../../worker/live/parts/take-changes.ts";
import { createLiveRouterService } from "../../worker/live-router-service.ts";
import { createPartService } from "../../worker/part-service.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication, Publisher } from "../../worker/publication/publication.ts";
import type { PartHost } from "../../worker/router/part-hosts.ts";
import { MetricsByPart } from "../../worker/router/part-metrics.ts";
import { remoteSources } from "../../worker/router/remote-sources.ts";
import { type RouterOptions, routerSettingsOf } from "../../worker/router/router-settings.ts";
import type { RouterSequences } from "../../worker/router/sequences-by.ts";
import { createRouterService } from "../../worker/router-service.ts";
import {
  type Answered,
  digestOf,
  type IsolateOptions,
  loadSmall,
  type Shelf,
  sent,
  WorkBehind,
  WRITER,
} from "./live-service.ts";

/**
 * Publishes what a shelf has. Parts find the generation before: that of the publication, if it names one, or else the one that was
 * seen before.
 */
export function manifestsOf(shelf: Pick<Shelf<PublishedManifest>, "current">): Publisher<PublishedManifest> {
  const before = new Map<string, Publication<PublishedManifest>>();
  let last: Publication<PublishedManifest> | undefined;
  return {
    async look(known) {
      const { current } = shelf;
      if (last && last !== current) before.set(current.tag, last);
      last = current;
      const previous = before.get(current.tag);
      return current.tag === known ? undefined : { ...(previous && { previous: async () => previous }), ...current };
    },
  };
}

/** A host of one part in this process, which takes changes. It can be started again. */
export class ChangingHost implements PartHost {
  /** Undefined: it answers as its part. */
  fault: ((request: Request, answer: () => Promise<Response>) => Promise<Response>) | undefined;
  /** The paths that it was asked for. */
  readonly asked: string[] = [];
  readonly #start: () => Hono;
  #app: Hono;

  constructor(publisher: Publisher<PublishedManifest>, number: number, maxDelta: number | undefined = 50) {
    this.#start = () =>
      createPartService(loadSmall, {
        publisher: () => publisher,
        number: () => number,
        settings: () => settingsOf(),
        keepAlive: (_, work) => void work.catch(() => undefined),
        address: () => "router",
        mostBytes: Number.MAX_SAFE_INTEGER,
        ...(maxDelta > 0 && { changes: takingBy(takeChanges({ maxDelta })) }),
      });
    this.#app = this.#start();
  }

  /** Starts it again, without the changes that it had. */
  restart(): void {
    this.#app = this.#start();
  }

  async fetch(request: Request): Promise<Response> {
    this.asked.push(new URL(request.url).pathname);
    const answer = async (): Promise<Response> => this.#app.fetch(request);
    return this.fault ? this.fault(request, answer) : answer();
  }
}

/** A router in this process that passes changes of routers above on to hosts of parts. It can be started again. */
export class PassingRouter implements PartHost {
  readonly #start: () => Hono;
  #app: Hono;

  /** `hosts` are those of the first parts of its groups, by the numbers of these. */
  constructor(
    shelf: Pick<Shelf<PublishedManifest>, "current">,
    hosts: readonly (PartHost | readonly PartHost[])[],
    routing: RouterOptions = {},
    isPassing = true,
  ) {
    const publisher = manifestsOf(shelf);
    this.#start = () => {
      const metrics = new MetricsByPart();
      return createRouterService({
        publisher: () => publisher,
        settings: () => settingsOf({ refreshSeconds: 0.001 }),
        keepAlive: (_, work) => void work.catch(() => undefined),
        sourcesOf: remoteSources(({ numbers: [number = 0] }) => [hosts[number] ?? []].flat() as PartHost[], metrics),
        router: routerSettingsOf({ deadlineMs: 5000, ...routing }),
        metrics,
        ...(isPassing && { passing: changePassing() }),
      });
    };
    this.#app = this.#start();
  }

  /** Starts it again, without what it knew of changes. */
  restart(): void {
    this.#app = this.#start();
  }

  async fetch(request: Request): Promise<Response> {
    return this.#app.fetch(request);
  }
}

/** The hosts of each part, for all routers. */
export const hostsOf = (
  shelf: Pick<Shelf<PublishedManifest>, "current">,
  count = 2,
  maxDelta?: number,
): ChangingHost[] => {
  const publisher = manifestsOf(shelf);
  return Array.from({ length: count }, (_, number) => new ChangingHost(publisher, number, maxDelta));
};

/** An isolate of a router that takes changes, in this process. */
export class RouterIsolate {
  readonly app: Hono;
  readonly #behind = new WorkBehind();

  constructor(
    shelf: Pick<Shelf<PublishedManifest>, "current">,
    hosts: readonly (PartHost | readonly PartHost[])[],
    log: ChangeLog,
    {
      routing,
      sequences,
      ...live
    }: IsolateOptions & { readonly routing?: RouterOptions; readonly sequences?: RouterSequences } = {},
  ) {
    const settings = settingsOf({ refreshSeconds: 0.001 });
    const liveSettings = liveSettingsOf({ writeTokens: [digestOf(WRITER)], ...live });
    const publisher = manifestsOf(shelf);
    const metrics = new MetricsByPart();
    this.app = createLiveRouterService({
      publisher: () => publisher,
      settings: () => settings,
      keepAlive: this.#behind.keepAlive,
      sourcesOf: remoteSources(({ numbers: [number = 0] }) => [hosts[number] ?? []].flat() as PartHost[], metrics),
      router: routerSettingsOf({ deadlineMs: 5000, ...routing }),
      metrics,
      log: () => log,
      live: () => liveSettings,
      ...(sequences && { sequences }),
    });
  }

  /** Waits until nothing goes on behind answers. */
  settled(): Promise<void> {
    return this.#behind.settled();
  }

  send(path: string, body?: object | string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return sent(this.app, path, body, headers);
  }
}
