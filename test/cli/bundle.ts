import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build, type OutputFile } from "esbuild";
import { cliBundle } from "../../scripts/bundle/cli-bundle.ts";

let bundling: Promise<OutputFile[]> | undefined;

/** Writes the bundles of the command line, as published, into a folder. Each process of the tests bundles once. */
export async function writeCli(folder: string): Promise<void> {
  bundling ??= build({ ...cliBundle, write: false, outdir: "dist" }).then(({ outputFiles }) => outputFiles ?? []);
  for (const { path, contents } of await bundling) writeFileSync(join(folder, basename(path)), contents);
}

/** Writes the command line as published into a new folder, and returns a function that removes it. */
export async function bundleCli(): Promise<{ cli: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "midx-bundles-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  await writeCli(folder);
  return { cli: join(folder, "cli.js"), remove: () => rmSync(folder, { recursive: true }) };
}
