import type { Command } from "commander";
import { versionOfContent } from "../../publication/pointer.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { type Publication, publish } from "../publishing/publish.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { factsOfInfo } from "../publishing/successor.ts";
import { readVerified } from "../publishing/verified-file.ts";
import { withStore } from "../publishing/with-store.ts";

interface PublishOptions extends StoreOptions {
  readonly to?: string;
  readonly as?: string;
  readonly incompatible?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `midx publish`: an index file becomes the current version of a pointer. */
export function addPublishCommand(program: Command, io: Io): void {
  const command = program
    .command("publish")
    .description("verify an index file, put it where a Worker has its index from, and make it the current version")
    .argument("<file>", "an index file")
    .option("--to <folder>", "a folder instead, such as static assets");
  addStoreOptions(command, "to")
    .option("--as <version>", "a name for this file, which no other one may have (default: from its content id)")
    .option("--incompatible", "publish it though it breaks clients of the current version, and have Workers take it")
    .option("--force", "publish it though it needs more memory than a Worker has for it")
    .option("--json", "print one JSON event a line")
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: PublishOptions) => publishFile(file, options, io));
}

const EXAMPLE = `
Examples:
  $ midx publish words.midx
  $ midx publish words.midx --remote --as 2026-11-25
  $ midx publish words.midx --to public/words

A file goes up in parts of 24 MiB at most, each of which is read back before it becomes current, in one step. Whoever reads
meanwhile, or after a publication that was killed, has the old version or the new one. Where another publication comes
first, this one changes nothing and exits with 1. KV has no conditional put: there the last of two at one time wins.

A version with another dim or metric, with labels where there were none or without them, with fewer classes and no labels,
or without what queries of features take breaks the clients of the current one: it takes --incompatible, and Workers keep
the current one where it was not given. What an isolate can't hold, alone or beside the current version, takes --force.`;

async function publishFile(file: string, options: PublishOptions, io: Io): Promise<void> {
  const { bytes, info } = await readVerified(file);
  const { as: version = versionOfContent(info.contentId), json, to } = options;
  const insistence = { isIncompatible: options.incompatible ?? false, isForced: options.force ?? false };
  await withStore(to, options, io, async ({ store, pointerKey, isDeployed }) => {
    const publication = await withSteps(io, json ? "json" : "text", (onStep) =>
      publish(store, pointerKey, bytes, { version, facts: factsOfInfo(info), onStep, isDeployed, ...insistence }),
    );
    if (json) {
      const { outcome: event, pointer, newParts } = publication;
      printJson(io.stdout, { event, store: store.name, key: pointerKey, newParts, ...pointer });
    } else printLines(io.stdout, publicationLines(publication, store.name, pointerKey));
  });
}

function publicationLines({ outcome, pointer, newParts }: Publication, store: string, key: string): string[] {
  const { version, byteLength, parts, facts, previous } = pointer;
  if (outcome === "current") return [`${version} is current already: ${store}: ${key}`];
  return factLines([
    ["published", version],
    ["in", `${store}: ${key}`],
    ["bytes", byteLength],
    ["parts", `${parts.length}, of which new ${newParts}`],
    ["memory", `${facts?.memoryBytes} bytes in a Worker`],
    ["before it", previous ?? "none"],
  ]);
}
