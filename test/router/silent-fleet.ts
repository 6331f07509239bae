import { FaultyHost, silent } from "./faulty-hosts.ts";
import { hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// Hosts that take a connection and never answer, as a machine does that hangs. Each part has two replicas.

export const PARTS = 8;
const REPLICAS = [0, 1];
const TIMES = { deadlineMs: 6000, prepareMs: 6000 };
export const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
shelf.publish(await partedFiles({ version: "a", seed: 2, sizes: Array(PARTS).fill(12) }));

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The hosts of all parts, and routers that ask all of them or the first of each part. */
export function fleet() {
  const hosts = Array.from({ length: PARTS }, (_, number) =>
    REPLICAS.map(() => {
      const host = hostOf(partHost(shelf, number));
      return new FaultyHost({ fetch: async (request) => pause(5).then(() => host.fetch(request)) });
    }),
  );
  const first = (part: number): FaultyHost => hosts[part]?.[0] as FaultyHost;
  return {
    first,
    silence: (part: number): void => {
      first(part).fault = silent;
    },
    replicated: () => router(shelf, ({ place }) => hosts[place] ?? [], TIMES),
    alone: () => router(shelf, ({ place }) => (hosts[place] ?? []).slice(0, 1), TIMES),
  };
}
