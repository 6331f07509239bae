import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { cliBundle } from "../../scripts/bundle/cli-bundle.ts";

/** Bundles the command line as published into a new folder, and returns a function that removes it. */
export async function bundleCli(): Promise<{ cli: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "midx-bundles-"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  await build({ ...cliBundle, outdir: folder });
  return { cli: join(folder, "cli.js"), remove: () => rmSync(folder, { recursive: true }) };
}
