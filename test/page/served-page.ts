import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePage } from "../../scripts/bundle/page-bundle.ts";
import { bundleCli } from "../cli/bundle.ts";
import { contexts, queries } from "./small-example.ts";

export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

/** The published command line with the page beside it, and with examples if they are asked for. */
export async function installPage(): Promise<{ cli: string; addExamples: (more: object) => void; remove: () => void }> {
  const { cli, remove } = await bundleCli();
  const folder = join(cli, "../page");
  await bundlePage(folder);
  const addExamples = (more: object): void => {
    writeFileSync(join(folder, "examples.json"), JSON.stringify({ contexts, queries: "queries.f32", ...more }));
    writeFileSync(join(folder, "queries.f32"), queries);
  };
  return { cli, addExamples, remove };
}

/** Starts `midx serve` for an index file in a separate process on a free port. */
export async function serve(cli: string, index: Uint8Array): Promise<ServedPage> {
  const folder = mkdtempSync(join(tmpdir(), "midx-page-"));
  const file = join(folder, "index.midx");
  writeFileSync(file, index);
  const server = spawn(process.execPath, [cli, "serve", file, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  return {
    url: JSON.parse(line.toString()).url,
    close: async () => {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
