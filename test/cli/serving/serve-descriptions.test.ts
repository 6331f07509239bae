import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServe } from "../../live/serve-process.ts";
import { liveFiles } from "../../live/served-log.ts";
import { EVERY } from "../../run/size.ts";
import { bundleCli } from "../bundle.ts";
import { writeInput } from "../files.ts";
import { midx, writeTable } from "../run.ts";

// The package's files beside a bundle of the command line, each with its own name as its content.

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
  const folder = dirname(bundle.cli);
  mkdirSync(join(folder, "page"), { recursive: true });
  writeFileSync(join(folder, "page", "index.html"), "<html>");
  for (const service of ["", "sequences-", "live-sequences-", "router-sequences-", "live-router-sequences-"]) {
    const name = `${service}openapi.json`;
    writeFileSync(join(folder, name), JSON.stringify({ name }));
  }
});
afterAll(() => bundle.remove());

async function describedBy(argv: readonly string[]): Promise<unknown> {
  const server = await startServe("Node", bundle.cli, argv);
  const response = await fetch(`${server.url}/openapi.json`);
  const { name, code } = (await response.json()) as { readonly name?: string; readonly code?: string };
  await server.end("SIGTERM");
  return name ?? code;
}

test("midx serve describes the service that it is at /openapi.json", async () => {
  const { file, folder, argv } = await liveFiles();
  const parts = join(folder, "parts");
  const labels = writeInput("labels.txt", Array.from({ length: 40 }, (_, i) => `item ${i}\n`).join(""));
  const table = [writeTable(40, 4), "--labels", labels];
  const built = await midx(["build", ...table, "--parts", "2", "-o", parts, "--calibrate", "off"]);
  expect(built.code, built.stderr).toBe(0);
  const manifest = join(parts, "manifest.json");
  const elsewhere = ["http://127.0.0.1:9", "http://127.0.0.1:9"].flatMap((origin) => ["--part-at", origin]);
  const log = ["--log", join(folder, "parts.log")];
  /** `npm test` asks for each description once. */
  const services: readonly (readonly [argv: readonly string[], described: string])[] = [
    [[file], "openapi.json"],
    [argv, "live-sequences-openapi.json"],
    [[manifest], "router-sequences-openapi.json"],
    [[manifest, ...elsewhere, ...log], "live-router-sequences-openapi.json"],
    [[manifest, "--part", "0"], "not_found"],
    [[manifest, ...log], "live-sequences-openapi.json"],
    [[manifest, ...elsewhere, "--pass-changes", "--token", "secret"], "router-sequences-openapi.json"],
  ];
  for (const [argv, described] of EVERY ? services : services.slice(0, 4)) {
    expect(await describedBy(argv), argv.join(" ")).toBe(described);
  }
});
