import { buildMeasured, load } from "../../bench/library.ts";
import { publish } from "../../src/cli/publishing/publish.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";
import { readPointer } from "../../src/publication/publishing/current.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Fleet, LiveService } from "./services.ts";

/** The name of the version before any change. */
export const FIRST = "v0";

/** Publishes the classes before any change, as midx build and midx publish do. */
export async function publishFirst({ store, key }: LiveService, { dim, first }: Catalogue): Promise<void> {
  const table = { data: Float32Array.from(first.flatMap(({ row }) => row)), shape: [first.length, dim] } as const;
  const file = await buildMeasured(table, { labels: first.map(({ label }) => label), seed: 1 });
  await publish(store, key, file, { version: FIRST, facts: factsOfInfo((await load(file)).info) });
}

/** Has the compactor publish a version of the changes so far, and returns its name. */
export async function compacted(fleet: Fleet): Promise<string> {
  const before = await currentVersion(fleet);
  await fleet.compact();
  const version = await currentVersion(fleet);
  if (version === before) throw new Error(`the compactor left ${version} as it was: too few labels have changed`);
  return version;
}

/** Makes the previous version current, as midx rollback does, and returns its name. */
export async function rolledBack({ store, key }: LiveService): Promise<string> {
  const { outcome, pointer } = await rollback(store, key);
  if (outcome !== "rolled-back") throw new Error(`the rollback ended with "${outcome}"`);
  return pointer.version;
}

async function currentVersion({ store, key }: LiveService): Promise<string> {
  return (await readPointer(store, key))?.pointer.version ?? "none";
}
