import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";
import { execute } from "./execute.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A checkout after `npm ci && npm run build`, with everything that wrangler.toml needs. */
const checkout = mkdtempSync(join(tmpdir(), "midx-checkout-"));
afterAll(() => rmSync(checkout, { recursive: true }));

beforeAll(async () => {
  for (const name of ["package.json", "wrangler.toml", "tsconfig.json", "src", "worker", "scripts", "examples"]) {
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  for (const name of ["node_modules", "dist"]) symlinkSync(join(root, name), join(checkout, name));
  mkdirSync(join(checkout, "build"));
  for (const name of readdirSync(join(root, "build")).filter((file) => /\.wasm$|^structs\.ts$/.test(file))) {
    cpSync(join(root, "build", name), join(checkout, "build", name));
  }
  await execute(checkout, process.execPath, "scripts/openapi.ts");
  await execute(checkout, process.execPath, "scripts/worker-assets.ts");
  cpSync(join(checkout, "build/assets/index.midx"), join(checkout, "examples/next-word/next-word.midx"));
});

test("Bun runs an example", async () => {
  const printed = await execute(checkout, join(root, "node_modules/.bin/bun"), "examples/bun.ts");
  expect(printed).toContain("(10000 rows read)");
});

test.each(["worker", "worker-app"])("wrangler bundles examples/%s", async (example) => {
  const folder = join(checkout, "examples", example);
  const said = await execute(folder, join(root, "node_modules/.bin/wrangler"), "deploy", "--dry-run");
  expect(said).toContain("--dry-run: exiting now");
});

test("wrangler deploy --dry-run takes wrangler.toml as it is, and binds nothing that its default does not use", async () => {
  const said = await execute(checkout, join(root, "node_modules/.bin/wrangler"), "deploy", "--dry-run");
  expect(said).toContain("--dry-run: exiting now");
  expect(said).toContain("env.ASSETS");
  expect(said).not.toMatch(/KV Namespace|R2 Bucket/);
});

test("wrangler dev answers with the example's index", async () => {
  const worker = await startWrangler(checkout);
  try {
    const ready = await fetch(`${worker.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ status: "ready" })]);
    const answer = await fetch(`${worker.url}/v1/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ vector: new Array(100).fill(0.1), k: 3, seed: 1 }),
    });
    expect(await answer.json()).toMatchObject({ labels: [expect.any(String), expect.any(String), expect.any(String)] });
  } finally {
    await worker.stop();
  }
});
