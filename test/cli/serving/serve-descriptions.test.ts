import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServe } from "../../live/serve-process.ts";
import { liveFiles } from "../../live/served-log.ts";
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
  expect(await describedBy([file])).toBe("openapi.json");
  expect(await describedBy(argv)).toBe("live-sequences-openapi.json");
  expect(await describedBy([manifest])).toBe("router-sequences-openapi.json");
  expect(await describedBy([manifest, "--part", "0"])).toBe("not_found");
  const elsewhere = ["http://127.0.0.1:9", "http://127.0.0.1:9"].flatMap((origin) => ["--part-at", origin]);
  const log = ["--log", join(folder, "parts.log")];
  expect(await describedBy([manifest, ...elsewhere, ...log])).toBe("live-router-sequences-openapi.json");
  expect(await describedBy([manifest, ...log])).toBe("live-sequences-openapi.json");
  expect(await describedBy([manifest, ...elsewhere, "--pass-changes", "--token", "secret"])).toBe(
    "router-sequences-openapi.json",
  );
});
