import { createHash } from "node:crypto";
import type { Hono } from "hono";
import type { IndexSource } from "../../src/bytes/byte-source.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { LoadOptions } from "../../src/memory/load-options.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import type { OpenChanging } from "../../worker/live/changing.ts";
import { type LiveOptions, liveSettingsOf } from "../../worker/live/live-settings.ts";
import { openIndex } from "../../worker/live/open-index.ts";
import { liveServiceOf } from "../../worker/live-service.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

export const DIM = 4;
export const COUNT = 40;
export const WRITER = "writer";
export const digestOf = (token: string): string => createHash("sha256").update(token).digest("hex");
export const labelOf = (i: number): string => `word ${i}`;
export const rowOf = (seed: number): number[] => Array.from(randomRows(DIM, seed));

export interface Shape {
  readonly seed?: number;
  /** The factor of all rows. Default: 1. */
  readonly scale?: number;
  readonly hasLabels?: boolean;
  /** The label of the first class. */
  readonly firstLabel?: string;
  readonly hasBias?: boolean;
  readonly dim?: number;
  readonly columns?: BuildOptions["columns"];
  readonly namespaces?: readonly string[];
}

/** The file of a small catalogue. Rows are f32, so that a row is answered as it was given. */
export function catalogue({
  seed = 1,
  scale = 1,
  hasLabels = true,
  firstLabel = labelOf(0),
  hasBias = false,
  dim = DIM,
  ...others
}: Shape = {}) {
  const labels = Array.from({ length: COUNT }, (_, i) => (i === 0 ? firstLabel : labelOf(i)));
  return buildIndex(
    { data: randomRows(COUNT * dim, seed).map((value) => scale * value), shape: [COUNT, dim] },
    {
      ...{ bits: 2, seed: 1, rowType: "f32" },
      ...(hasLabels && { labels }),
      ...(hasBias && { bias: randomRows(COUNT, seed + 1) }),
      ...(others as Pick<BuildOptions, "columns" | "namespaces">),
    },
  );
}

/** The file of a catalogue of hats in the namespace "old", by columns. */
export const hats = () =>
  catalogue({
    columns: { kind: { type: "string", values: Array(COUNT).fill("hat") } },
    namespaces: Array(COUNT).fill("old"),
  });

/** Loads an index with limits that suit thousands of them. */
export const loadSmall = async (source: IndexSource, limits: LoadOptions): Promise<MultiIndex> =>
  (await open(source, limits)).index;

/** The publications that isolates find: index files, or manifests for an isolate that has all parts. */
export interface Shelf<Source = IndexSource> {
  current: Publication<Source>;
  readonly open?: OpenChanging<Source>;
}

export const published = (file: Uint8Array<ArrayBuffer>, version: string, sequence?: number): Publication => ({
  ...{ tag: version, version, sequence, open: () => file },
});

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many routes
  readonly body: any;
}

export interface IsolateOptions extends LiveOptions {
  readonly tokens?: readonly string[];
  readonly origins?: readonly string[];
  /** There are no write tokens. */
  readonly isClosed?: boolean;
  /** Default: it looks for a newer version with every request. */
  readonly refreshSeconds?: number;
}

/** The work that goes on behind the answers of an isolate. */
export class WorkBehind {
  readonly #works = new Set<Promise<unknown>>();

  readonly keepAlive = (_: unknown, work: Promise<unknown>): void => {
    this.#works.add(work);
    work.finally(() => this.#works.delete(work)).catch(() => undefined);
  };

  /** Waits until nothing goes on. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.allSettled(this.#works);
  }
}

/** An isolate in this process: it has its own index, and shares the log with others. */
export class Isolate {
  readonly app: Hono;
  readonly #behind = new WorkBehind();

  constructor(shelf: Shelf | Shelf<PublishedManifest>, log: ChangeLog, options: IsolateOptions = {}) {
    const { tokens, origins, isClosed, refreshSeconds = 0.001, ...live } = options;
    const settings = settingsOf({ refreshSeconds, ...(tokens && { tokens }), ...(origins && { origins }) });
    const liveSettings = liveSettingsOf({ ...(!isClosed && { writeTokens: [digestOf(WRITER)] }), ...live });
    const { open: opening = openIndex(loadSmall) } = shelf as Shelf;
    this.app = liveServiceOf(opening, {
      publisher: () => ({
        look: async (known) => (shelf.current.tag === known ? undefined : (shelf as Shelf).current),
      }),
      settings: () => settings,
      keepAlive: this.#behind.keepAlive,
      log: () => log,
      live: () => liveSettings,
    });
  }

  /** Waits until nothing goes on behind answers. */
  settled(): Promise<void> {
    return this.#behind.settled();
  }

  send(path: string, body?: object | string | Blob, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return sent(this.app, path, body, headers);
  }
}

/** Sends a request to an application: a GET, or with a body a POST of a writer. A blob is sent as it is. */
export async function sent(
  app: Pick<Hono, "request">,
  path: string,
  body?: object | string | Blob,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const init: RequestInit =
    body === undefined
      ? { headers }
      : {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${WRITER}`, ...headers },
          body: typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body),
        };
  const response = await app.request(path, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
