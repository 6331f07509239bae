import type { Command } from "commander";
import { areChanges } from "../../changes/changes-file.ts";
import { readChanges } from "../../changes/index.ts";
import { asIndex } from "../files/foreign-files.ts";
import { loadHere } from "../files/load-here.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import type { FilesOfManifest } from "../publishing/publish-manifest.ts";
import { remoteFiles } from "../remote/remote-files.ts";

/** `midx verify`: checks every byte of an index file. The exit code for a bad file is 3. */
export function addVerifyCommand(program: Command, io: Io): void {
  program
    .command("verify")
    .description(
      "check every byte of an index file, of a file of changes or of all parts of a manifest, and print the content id",
    )
    .argument("<file>", "index file, file of changes, or manifest")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, options: { readonly json?: true }) => {
      const openRemote = remoteFiles(io, {});
      const manifest = await readManifestFile(file, openRemote);
      if (manifest) return verifyParts(filesOf(file, manifest, openRemote), options, io);
      const bytes = await asIndex(file, () => readIndexFile(file));
      const changes = areChanges(bytes) ? readChanges(bytes) : undefined;
      if (changes) {
        const { contentId, sequence } = changes;
        if (options.json) printJson(io.stdout, { ok: true, contentId, sequence });
        else printLines(io.stdout, [`ok changes up to ${sequence} of ${contentId}`]);
        return;
      }
      const index = await asIndex(file, () => loadHere(bytes));
      const { contentId } = index.info;
      index.dispose();
      if (options.json) printJson(io.stdout, { ok: true, contentId });
      else printLines(io.stdout, [`ok ${contentId}`]);
    });
}

/** Reads one part after another, and prints the generation if all of them are as the manifest states. */
async function verifyParts(
  { manifest, readPart }: FilesOfManifest,
  { json }: { readonly json?: true },
  io: Io,
): Promise<void> {
  const { generation, parts } = manifest;
  for (const part of parts) {
    io.signal.throwIfAborted();
    await readPart(part);
  }
  if (json) printJson(io.stdout, { ok: true, generation, parts: parts.length });
  else printLines(io.stdout, [`ok ${generation}, ${parts.length} parts`]);
}

const EXAMPLE = `
Examples:
  $ midx verify next-word.midx || echo "do not ship it"
  $ midx verify words/manifest.json

Exit codes: 0 the file is intact, 3 it is damaged, truncated or not an index file.`;
