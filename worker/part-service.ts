import type { Context, Hono } from "hono";
import { encoderMessage } from "../src/encoder/encoder-message.ts";
import { bandOfClass, shown } from "../src/internal.ts";
import { createBaseApp } from "./base-app.ts";
import { Problem } from "./contract/problem.ts";
import { type Host, problemOfIndex } from "./host/host.ts";
import type { Settings } from "./host/settings.ts";
import type { Watch } from "./middleware/watch.ts";
import type { AnsweringPart, PartFor } from "./parts/answering-part.ts";
import type { AskedParts } from "./parts/asked-parts.ts";
import type { ChangeTaking } from "./parts/change-taking.ts";
import { type KeeperEnvironment, type KeptPart, PartKeeper } from "./parts/part-keeper.ts";
import { partialRoutes } from "./parts/partial-route.ts";
import { PARTS_HEADER } from "./parts/protocol.ts";
import { within } from "./parts/within.ts";
import type { PublishedManifest } from "./publication/manifest-at.ts";
import type { Load } from "./publication/open-publication.ts";
import type { Publisher } from "./publication/publication.ts";
import { invalidField } from "./request/invalid-field.ts";

/** The environment of a host of parts. */
export interface PartEnvironment {
  readonly publisher: (c: Context) => Publisher<PublishedManifest>;
  /** The number of the part that this host serves. Undefined if each request may ask for another one. */
  readonly number: (c: Context) => number | undefined;
  readonly settings: (c: Context) => Settings;
  readonly keepAlive: Host["keepAlive"];
  readonly address: Host["address"];
  readonly watch?: Watch;
  /** The most bytes that generations may take together. */
  readonly mostBytes?: number;
  /** The version of the questions that this host also takes by calls. Default: it takes none. */
  readonly calls?: number;
  /** Default: parts take no changes. */
  readonly changes?: ChangeTaking;
}

/** The number may come from a variable of wrangler.toml, which is text. */
export function checkPartNumber(number: unknown): number {
  if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number;
  throw new Problem("misconfigured", `"number" expected the number of a part, an integer, got ${shown(number)}`);
}

/** Finds or loads the part that a request asks for, among those of its host: the one with the number `only`, or any. */
export async function answeringPart(
  keeper: PartKeeper,
  asked: AskedParts,
  only: number | undefined,
  environment: KeeperEnvironment,
): Promise<AnsweringPart> {
  const [first, ...others] = asked.numbers;
  const own = only ?? first;
  if (first !== own || others.length > 0) {
    throw invalidField(PARTS_HEADER, `${own}, which this host serves, got ${asked.numbers.join()}`);
  }
  const obtaining = (): Promise<KeptPart> =>
    keeper.obtain(asked, environment).catch((error: unknown) => {
      throw problemOfIndex(error);
    });
  const kept = keeper.inMemory(asked) ?? (await within(asked.deadlineMs, obtaining(), () => stillLoading(own)));
  const { index, described } = kept;
  return {
    get info() {
      return index.info;
    },
    described,
    changes: kept.changes,
    answer: (question) => kept.answer(question),
    bandOf: (id) => bandOfClass(index, id),
    encoder: () => encoderMessage(index),
  };
}

/** The application of a host of parts, which answers routers. */
export function createPartService(
  load: Load,
  environment: PartEnvironment,
  keeper = new PartKeeper(load, environment.mostBytes, environment.changes),
): Hono {
  const { publisher, number, settings, keepAlive, address, watch, changes, calls } = environment;
  const of = (c: Context) => ({ publisher: publisher(c), keepAlive: (work: Promise<unknown>) => keepAlive(c, work) });
  const partFor: PartFor = (c, asked) => answeringPart(keeper, asked, number(c), of(c));
  const { app } = createBaseApp(
    {
      settings,
      keepAlive,
      address,
      health: () => ({ served: keeper.current, fault: undefined, refreshes: { unchanged: 0, swapped: 0, failed: 0 } }),
      async served(c) {
        const published = await (await publisher(c).look())?.open();
        if (!published) throw new Problem("index_missing", "no manifest is published");
        const { generation, parts } = published.manifest;
        const numbers = [number(c) ?? parts[0]?.number ?? 0];
        return keeper.obtain({ generation, numbers, deadlineMs: 0, isPartial: false }, of(c));
      },
    },
    watch,
  );
  partialRoutes(app, partFor, { calls });
  changes?.addRoutes(app, partFor);
  return app;
}

const stillLoading = (number: number | undefined): Problem =>
  new Problem("overloaded", `part ${number} is still being loaded: ask again`);
