import type { Context, Hono } from "hono";
import { type BaseApp, createBaseApp } from "./base-app.ts";
import { addEndpoint } from "./endpoints/endpoint.ts";
import type { Host, Served } from "./host/host.ts";
import { type Adapt, addIndexRoutes } from "./index-routes.ts";
import type { Watch } from "./middleware/watch.ts";
import type { AnsweringPart } from "./parts/answering-part.ts";
import type { AskedParts } from "./parts/asked-parts.ts";
import { UnknownGeneration } from "./parts/part-failure.ts";
import { PartProblem } from "./parts/part-problem.ts";
import { partialRoutes } from "./parts/partial-route.ts";
import { PARTS_HEADER } from "./parts/protocol.ts";
import type { PublishedManifest } from "./publication/manifest-at.ts";
import { invalidField } from "./request/invalid-field.ts";
import { requireQuestionsWork } from "./request/question-work.ts";
import type { ChangePassing } from "./router/change-passing.ts";
import { GenerationOpener } from "./router/generation-opener.ts";
import { type OpenRouterOptions, openRouter, routedGroups, type SourcesOf } from "./router/open-router.ts";
import type { MetricsByPart } from "./router/part-metrics.ts";
import { logPartitionOfSome, predictOfSome } from "./router/partial-endpoints.ts";
import type { RouterIndex } from "./router/router-index.ts";
import type { RouterSettings } from "./router/router-settings.ts";
import type { RouterSequences, SequenceRoutes } from "./router/sequences-by.ts";
import { routedVectorizeRoutes } from "./router/vectorize-routes.ts";
import { publishedHost, type ServiceEnvironment } from "./service.ts";
import { PartsDrift } from "./telemetry/parts-drift.ts";

/** The environment of a router. */
export interface RouterEnvironment
  extends ServiceEnvironment<PublishedManifest>,
    Pick<OpenRouterOptions, "partsInTurn"> {
  readonly sourcesOf: SourcesOf;
  readonly router: RouterSettings;
  readonly metrics: MetricsByPart;
  readonly watch?: Watch;
  /** Default: the router takes no sequences. */
  readonly sequences?: RouterSequences;
  /** Default: a router above brings its parts no changes. */
  readonly passing?: ChangePassing;
}

/** Gauges of a router compare log Z with the statistics of its manifest, unless it watches more. */
export const watching = (
  environment: RouterEnvironment,
): RouterEnvironment & { readonly watchDrift: NonNullable<Host["watchDrift"]> } => ({
  ...environment,
  watchDrift: environment.watchDrift ?? ((served) => new PartsDrift(served)),
});

/** The application of a router, which answers by asking parts. It is a part of a larger router itself. */
export function createRouterService(environment: RouterEnvironment): Hono {
  const { sourcesOf, router, metrics, watch, partsInTurn, passing } = environment;
  const sequences = environment.sequences as SequenceRoutes | undefined;
  const opening = { openEncoder: sequences?.openEncoder, partsInTurn };
  const opener = new GenerationOpener({
    open: (source, isFirst) => openRouter(source, sourcesOf, router, isFirst, opening),
    groupsOf: (source) => routedGroups(source, sourcesOf, router.groupSizes),
  });
  const { host: published, look } = publishedHost<PublishedManifest>(opener.load, watching(environment));
  const kept = new Generations();
  const served = async (c: Context): Promise<Served> => {
    const now = await published.served(c);
    kept.keep(published.health().served ?? now);
    return now;
  };

  const answerWith = async (c: Context, answer: (served: Served) => Promise<Response>): Promise<Response> => {
    const tried = new Set<string>();
    let now = await served(c);
    for (;;) {
      try {
        const { index, ...published } = now;
        return await (index as RouterIndex).answerOnce((own) => {
          sequences?.encodeFor(own);
          return answer({ ...published, index: own });
        }, metrics);
      } catch (error) {
        if (!(error instanceof UnknownGeneration)) throw error;
        tried.add(now.index.info.contentId);
        metrics.renewals++;
        kept.keep(await look(c));
        // Each generation is tried once, however quickly they follow one another.
        const other = kept.all.find(({ index }) => !tried.has(index.info.contentId));
        if (other === undefined) {
          throw new PartProblem("part_missing", `no generation has all its parts: ${error.message}`);
        }
        now = other;
      }
    }
  };

  /** Finds the generation and the parts that a router above asks for. */
  const partFor = async (c: Context, asked: AskedParts): Promise<AnsweringPart> => {
    const { generation, numbers } = asked;
    await served(c);
    const generationHere = (): RouterIndex | undefined => kept.of(generation) ?? opener.onlyAbove(generation);
    let found = generationHere();
    // A look may lose to another one, which began when an earlier publication was the newest. The next look finds what it missed.
    for (let isNewer = true; !found && isNewer; found = generationHere()) {
      const { served: before } = published.health();
      const newest = await look(c);
      kept.keep(newest);
      isNewer = newest?.index !== before?.index;
    }
    if (!found) throw new PartProblem("unknown_generation", `generation ${generation} is not published here`);
    const part = passing ? passing.partOf(c, found, asked) : found.partOf(asked);
    if (!part) throw invalidField(PARTS_HEADER, `${groupsIn(found)}, got ${numbers.join()}`);
    return part;
  };

  const base = createBaseApp({ ...published, served, answerWith, moreMetrics: () => metrics.text }, watch);
  addRouterRoutes(base, { adapt: sequences?.adapt ?? ((endpoint) => endpoint) });
  const { app, host } = base;
  sequences?.addRoute(app, host);
  // A part has no such limit, because only its router may ask it; but whoever may ask a router may do so as another router does.
  partialRoutes(app, partFor, {
    check: (c, { parts }, questions) => {
      if (parts) requireQuestionsWork(parts, questions, published.settings(c).maxWork);
    },
  });
  passing?.addRoutes(app, partFor);
  return app;
}

/** The two routers have to agree about the groups. */
const groupsIn = ({ groups }: RouterIndex): string =>
  `whole groups of this router, ${groups
    .map(({ numbers }) => numbers.join())
    .join(" or ")
    .slice(0, 256)} (--part-groups)`;

/** Adds the routes with which a router answers as one index. */
export function addRouterRoutes(
  base: BaseApp,
  { adapt, querySchema }: { readonly adapt: Adapt; readonly querySchema?: Parameters<typeof routedVectorizeRoutes>[3] },
): void {
  const { app, host, telemetry } = base;
  addIndexRoutes(base, adapt);
  addEndpoint(app, host, telemetry, adapt(predictOfSome));
  addEndpoint(app, host, telemetry, adapt(logPartitionOfSome));
  routedVectorizeRoutes(app, host, telemetry, querySchema);
}

/**
 * The generations that were served last: the newest with its canary, or the one before it. Parts may still have that, or no longer
 * have it.
 */
class Generations {
  all: readonly Served[] = [];

  keep(served: Served | undefined): void {
    if (!served || this.all[0] === served) return;
    const newest = served.canary ? [served, served.canary] : [served];
    const others = this.all.filter(({ index }) => newest.every((each) => each.index !== index));
    this.all = [...newest, ...others].slice(0, 2);
  }

  of(generation: string): RouterIndex | undefined {
    return this.all.find(({ index }) => index.info.contentId === generation)?.index as RouterIndex | undefined;
  }
}
