import { buildMeasured } from "../../bench/library.ts";
import { manifestOfFiles } from "../../bench/scale-out/manifest-of-files.ts";
import { publish } from "../../src/cli/publishing/publish.ts";
import { publishManifest } from "../../src/cli/publishing/publish-manifest.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import type { MultiIndex } from "../../src/index.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";
import type { ManifestPart } from "../../src/publication/manifest.ts";
import { readPointer } from "../../src/publication/publishing/current.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Fleet, LiveService } from "./services.ts";

/** The name of the version before any change. */
export const FIRST = "v0";
const PARTS = 3;

/** Publishes the classes before any change, as midx build and midx publish do. */
export async function publishFirst({ store, key, served }: LiveService, catalogue: Catalogue): Promise<void> {
  const { first } = catalogue;
  const size = Math.ceil(first.length / (served === "parts" ? PARTS : 1));
  const builds: Promise<Uint8Array<ArrayBuffer>>[] = [];
  for (let i = 0; i < first.length; i += size) builds.push(built(catalogue, first.slice(i, i + size)));
  const { manifest, files, indexes } = await manifestOfFiles(FIRST, await Promise.all(builds));
  const [file, index] = [files[0] as Uint8Array<ArrayBuffer>, indexes[0] as MultiIndex];
  if (served === "file") {
    await publish(store, key, file, { version: FIRST, facts: factsOfInfo(index.info) });
    return;
  }
  const openPart = async ({ number }: ManifestPart) => files[number] as Uint8Array<ArrayBuffer>;
  const readPart = async (part: ManifestPart) => {
    const { info } = indexes[part.number] as MultiIndex;
    return { bytes: await openPart(part), info };
  };
  await publishManifest(store, key, { manifest, readPart, openPart }, { version: FIRST });
}

function built({ dim }: Catalogue, classes: Catalogue["first"]): Promise<Uint8Array<ArrayBuffer>> {
  const table = { data: Float32Array.from(classes.flatMap(({ row }) => row)), shape: [classes.length, dim] } as const;
  return buildMeasured(table, { labels: classes.map(({ label }) => label), seed: 1 });
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
