import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialiseManifest } from "../../src/publication/manifest.ts";
import type { PartedFiles } from "./parted-files.ts";

/** A service in a process of its own. */
export interface Served {
  readonly url: string;
  readonly port: string;
  readonly process: ChildProcess;
  kill(): Promise<void>;
}

/** Starts `midx serve` of a bundle, and waits until it listens. */
export async function startServe(cli: string, argv: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [cli, "serve", ...argv, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = once(child, "exit");
  const line = await Promise.race([once(child.stdout, "data"), ended.then(() => Promise.reject(new Error(stderr)))]);
  const { url } = JSON.parse(String(line[0]).split("\n")[0] as string);
  return {
    url,
    port: new URL(url).port,
    process: child,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Writes the files of a version into a folder, then the manifest in one step. Returns the path of the manifest. */
export function writeParted(folder: string, { manifest, files }: PartedFiles): string {
  for (const [i, { file = "" }] of manifest.parts.entries()) writeFileSync(join(folder, file), files[i] as Uint8Array);
  const text = serialiseManifest(manifest);
  mkdirSync(join(folder, "versions"), { recursive: true });
  for (const path of [join("versions", `${manifest.version}.json`), "manifest.json"]) {
    writeFileSync(join(folder, `${path}.new`), text);
    renameSync(join(folder, `${path}.new`), join(folder, path));
  }
  return join(folder, "manifest.json");
}
