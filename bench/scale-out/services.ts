import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { serialiseManifest } from "../../src/publication/manifest.ts";
import { bundleWorker, COMPATIBILITY_DATE } from "../service/bundle.ts";
import type { MadeParts } from "./made-parts.ts";

/** A service that a benchmark has started. */
export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

const modulesOf = async (entry: string) => {
  const { script, wasm } = await bundleWorker(entry);
  return [
    { type: "ESModule" as const, path: "worker.js", contents: script },
    ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm" as const, path, contents })),
  ];
};

/** Starts a router over Durable Objects in workerd, which it asks by calls or by requests. */
export async function startObjects(
  entry: "objects" | "requested-objects",
  { manifest, files }: MadeParts,
): Promise<Service> {
  const running = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      compatibilityDate: COMPATIBILITY_DATE,
      modules: await modulesOf(`bench/scale-out/${entry}.ts`),
      durableObjects: { PARTS: "PartObject", EMPTY: "EmptyObject" },
      r2Buckets: ["INDEX"],
    }),
  );
  const { origin: url } = await running.ready;
  const bucket = await running.getR2Bucket("INDEX");
  for (const [i, { file }] of manifest.parts.entries()) await bucket.put(`words/${file}`, files[i] as Uint8Array);
  await bucket.put("words/current.json", serialiseManifest(manifest));
  return { url, stop: () => running.dispose() };
}

/** One index in a Worker. */
export async function startWorker(file: Uint8Array): Promise<Service> {
  const running = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      compatibilityDate: COMPATIBILITY_DATE,
      modules: await modulesOf("worker/index.ts"),
      bindings: { INDEX_SOURCE: "r2" },
      r2Buckets: ["INDEX"],
    }),
  );
  const { origin: url } = await running.ready;
  await (await running.getR2Bucket("INDEX")).put("index.midx", file);
  return { url, stop: () => running.dispose() };
}

/** `midx serve` in a process of its own. */
export async function startServe(cli: string, argv: readonly string[]): Promise<Service> {
  const child = spawn(process.execPath, [cli, "serve", ...argv, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(child.stdout, "data"),
    ended.then(([code]) => {
      throw new Error(`midx serve ${argv.join(" ")} ended with ${code} before it served`);
    }),
  ]);
  return {
    url: JSON.parse(String(line)).url,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** Starts a router and parts, each in a process of its own. */
export async function startProcesses(cli: string, { folder, manifest }: MadeParts): Promise<Service> {
  const path = join(folder, "manifest.json");
  const started: Service[] = [];
  const stop = async (): Promise<void> => {
    for (const service of started.reverse()) await service.stop();
  };
  const start = async (...argv: string[]): Promise<string> => {
    const service = await startServe(cli, [path, ...argv]);
    started.push(service);
    return service.url;
  };
  try {
    const urls: string[] = [];
    for (const { number } of manifest.parts) urls.push(await start("--part", String(number)));
    return { url: await start(...urls.flatMap((url) => ["--part-at", url])), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
