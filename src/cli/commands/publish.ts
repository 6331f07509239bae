import { type Command, Option } from "commander";
import { bytesWithChanges } from "../../../worker/live/bytes-with-changes.ts";
import { factsOfInfo } from "../../publication/facts-of-info.ts";
import { versionOfContent } from "../../publication/pointer.ts";
import type { WithCanary } from "../../publication/publishing/canary.ts";
import type { Publication } from "../../publication/publishing/publish-version.ts";
import { integer, number } from "../arguments/values.ts";
import { factLines } from "../output/table.ts";
import { type Io, notesOn, printJson, printLines } from "../process/io.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import { publish } from "../publishing/publish.ts";
import { type FilesOfManifest, type ManifestPublication, publishManifest } from "../publishing/publish-manifest.ts";
import { checkShared } from "../publishing/shared-isolates.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { readVerified } from "../publishing/verified-file.ts";
import { withStore } from "../publishing/with-store.ts";
import { remoteFiles } from "../remote/remote-files.ts";

interface PublishOptions extends StoreOptions {
  readonly folder?: string;
  readonly as?: string;
  readonly canary?: number;
  readonly sequence?: number;
  readonly incompatible?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `midx publish`: makes an index file the current version of a pointer. */
export function addPublishCommand(program: Command, io: Io): void {
  const command = program
    .command("publish")
    .description(
      "verify an index file or all parts of a manifest, upload them to the storage that a Worker reads, and make them the current version",
    )
    .argument("<file>", "index file, or manifest")
    .option(
      "--as <version>",
      "name of the version; each file needs its own (default: from its content id, or as the manifest says)",
    )
    .addOption(
      new Option(
        "--canary <share>",
        "try the version with this share of the callers, beside the current one; again with another share to change it",
      )
        .argParser(number(0, 1))
        .conflicts("incompatible"),
    )
    .option(
      "--sequence <number>",
      "the file was built of a table that has the changes of the log up to this one (default: none, or what a compacted file or manifest says)",
      integer(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--json", "print one JSON event per line")
    .optionsGroup("Storage:");
  addStoreOptions(command)
    .optionsGroup("Checks:")
    .option("--incompatible", "publish a version that breaks clients of the current one, and let Workers switch to it")
    .option(
      "--force",
      "publish a version that needs more memory than a Worker certainly has for it, or changes that the log no longer has",
    )
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: PublishOptions) => publishFile(file, options, io));
}

const EXAMPLE = `
Examples:
  $ midx publish words.midx
  $ midx publish words.midx --remote --as 2026-11-25
  $ midx publish words.midx --folder public/words
  $ midx publish words/manifest.json --remote
  $ midx publish words.midx --as second --canary 0.05

A canary and the current version must fit into an isolate together, and parts of both into the hosts of parts. Callers that
send a key of their own in the header x-client-key always get the same version; for other requests, each is assigned by
itself. midx promote makes a canary the current version, midx rollback ends it, and until then nothing else can be published.
A Worker of an older midx refuses a pointer or a manifest with a canary and stays on the version that it has: deploy the
Worker again first.

A service that accepts changes (midx serve --log, midx/live) applies the changes of its log that come after --sequence. For an
index that was built anew, give the last change that its table contains: the "mutation" of an answer from before the table was
read. If the log is beside the pointer, and no longer has the later changes or ends before --sequence, the version is
refused, unless --force. So it is if a compaction has trimmed a log elsewhere beyond that.

The file is uploaded in pieces of at most 24 MiB. Each is read back, and then a single write makes the version current.
Readers see the old version or the new one at all times, even if the command is killed. If another publication finishes
first, this one changes nothing and exits with code 1. KV has no conditional writes: of two simultaneous publications the
last one wins.

A version breaks the clients of the current one if dim or metric differ, or the space if both name one, if it gains or loses
labels, if it has fewer classes and no labels, or if it can no longer encode their features. Publishing it needs
--incompatible; without that flag Workers stay on the current version. A version that does not fit into an isolate, alone or
beside the current one, needs --force. So do parts above 40 MiB for a Worker with Durable Objects, because objects may share
an isolate.`;

async function publishFile(file: string, options: PublishOptions, io: Io): Promise<void> {
  const openRemote = remoteFiles(io, {});
  const manifest = await readManifestFile(file, openRemote);
  if (manifest) return publishParts(filesOf(file, manifest, openRemote), options, io);
  const { bytes, info } = await readVerified(file);
  const { as: version = versionOfContent(info.contentId), canary, json, folder } = options;
  const sequence = sequenceOf(info.compaction?.sequence, options.sequence);
  const overrides = {
    isIncompatible: options.incompatible ?? false,
    isForced: options.force ?? false,
    ...(sequence > 0 && { sequence }),
  };
  await withStore(folder, options, io, async ({ store, pointerKey, isDeployed, room }) => {
    const memory = bytesWithChanges(bytes, bytes.length, room);
    const { changesBytes: forChanges } = memory;
    const publication = await withSteps(io, json ? "json" : "text", (onStep) =>
      publish(store, pointerKey, bytes, {
        version,
        facts: factsOfInfo(info),
        onStep,
        isDeployed,
        ...memory,
        ...overrides,
        ...(canary !== undefined && { canary }),
      }),
    );
    if (json) {
      const { outcome: event, pointer, newParts } = publication;
      const reserved = forChanges > 0 && { changesBytes: forChanges };
      printJson(io.stdout, { event, store: store.name, key: pointerKey, newParts, ...reserved, ...pointer });
    } else printLines(io.stdout, publicationLines(publication, forChanges, store.name, pointerKey));
  });
}

/**
 * Returns the number of the last change that a file has. A compacted file has the changes up to its own number, wherever it
 * comes from.
 */
function sequenceOf(ofFile: number | undefined, given: number | undefined): number {
  if (ofFile === undefined || given === undefined || given === ofFile) return given ?? ofFile ?? 0;
  throw new RangeError(`'--sequence' expected ${ofFile}, as the compacted file says, or nothing, got ${given}`);
}

async function publishParts(files: FilesOfManifest, options: PublishOptions, io: Io): Promise<void> {
  const { manifest } = files;
  const sequence = sequenceOf(manifest.log?.sequence, options.sequence);
  const numbered = { ...files, manifest: { ...manifest, log: sequence > 0 ? { ...manifest.log, sequence } : null } };
  const { as: version = manifest.version, canary, json, folder } = options;
  const overrides = { isIncompatible: options.incompatible ?? false, isForced: options.force ?? false };
  await withStore(folder, options, io, async ({ store, pointerKey, isDeployed, objects }) => {
    checkShared(manifest, objects, overrides.isForced);
    const publication = await withSteps(io, json ? "json" : "text", (onStep) =>
      publishManifest(store, pointerKey, numbered, {
        version,
        onStep,
        onNote: notesOn(io),
        isDeployed,
        ...overrides,
        ...(canary !== undefined && { canary }),
      }),
    );
    if (json) {
      const { outcome: event, pointer, newParts } = publication;
      printJson(io.stdout, { event, store: store.name, key: pointerKey, newParts, ...pointer });
    } else printLines(io.stdout, manifestLines(publication, `${store.name}: ${pointerKey}`));
  });
}

function manifestLines({ outcome, pointer, newParts }: ManifestPublication, place: string): string[] {
  const { version, generation, parts, previous = "none", canary } = pointer;
  if (canary && outcome !== "published") return canaryLines(outcome, { version, canary }, place);
  if (outcome === "current") return [`${version} is already current: ${place}`];
  return factLines([
    ["published", version],
    ["in", place],
    ["generation", generation],
    ["parts", `${parts.length}, in pieces of which ${newParts} are new`],
    ["previous", previous],
  ]);
}

function canaryLines(outcome: string, { version, canary }: Pick<WithCanary, "version" | "canary">, place: string) {
  return factLines([
    [outcome === "canary" ? "canary" : "already canary", canary.version],
    ["for", `${Number((100 * canary.share).toPrecision(6))} % of the callers`],
    ["current", version],
    ["in", place],
  ]);
}

function publicationLines(
  { outcome, pointer, newParts }: Publication,
  forChanges: number,
  store: string,
  key: string,
): string[] {
  const { version, byteLength, parts, facts, previous, canary } = pointer;
  if (canary && outcome !== "published") return canaryLines(outcome, { version, canary }, `${store}: ${key}`);
  if (outcome === "current") return [`${version} is already current: ${store}: ${key}`];
  return factLines([
    ["published", version],
    ["in", `${store}: ${key}`],
    ["bytes", byteLength],
    ["pieces", `${parts.length}, ${newParts} of them new`],
    ["memory", `${facts?.memoryBytes} bytes in a Worker${forChanges > 0 ? `, and ${forChanges} for changes` : ""}`],
    ["previous", previous ?? "none"],
  ]);
}
