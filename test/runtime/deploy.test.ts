import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { type DevServer, startWrangler } from "../../scripts/wrangler-dev.ts";
import { execute } from "./execute.ts";

const page = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../../", import.meta.url));
/** Steps 1 to 6: what a test can run. */
const [before = ""] = page.split("## 7.");

/** What stands in blocks of this kind, up to the seventh step. */
const blocks = (kind: string): string[] =>
  Array.from(before.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\``, "gms")), ([, text]) => text as string);

/** A folder in which the first block has been run, but from the packed package and this checkout's wrangler. */
function folder(): string {
  const folder = mkdtempSync(join(inject("installed"), "deploy-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "words", private: true, type: "module" }));
  cpSync(join(inject("installed"), "node_modules"), join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules/wrangler"), join(folder, "node_modules/wrangler"));
  for (const file of ["worker.js", "wrangler.toml"]) {
    const [content] = blocks(`\\w+ ${file.replace(".", "\\.")}`);
    writeFileSync(join(folder, file), content as string);
  }
  for (const file of ["head.safetensors", "words.txt"])
    cpSync(join(root, "examples/next-word", file), join(folder, file));
  return folder;
}

test("docs/deploy.md runs up to the step that needs an account", async () => {
  const [install, build, publish, ask, renew, back, token, closed] = blocks("sh") as [
    string,
    ...(readonly [string, string, string, string, string, string, string]),
  ];
  expect(blocks("sh")).toHaveLength(8);
  expect(install).toBe("npm init --yes\nnpm install midx\nnpm install --save-dev wrangler\n");
  const words = folder();
  let server: DevServer | undefined;
  const sh = (script: string) =>
    execute(words, "sh", "-ec", script.replaceAll("localhost:8787", server?.url ?? "").replaceAll("curl", "curl -s"));

  await sh(build);
  expect(await sh(publish)).toContain("first");
  server = await startWrangler(words);
  try {
    const asked = await sh(ask);
    expect(asked).toContain('"status":"ready","version":"first"');
    expect(asked).toMatch(/"labels":\["[^"]+","[^"]+","[^"]+"\]/);
    expect(await sh(renew)).toMatch(/"version":"second"[^{}]*\}$/);
    expect(await sh(back)).toMatch(/"version":"first"[^{}]*\}$/);
    await server.stop();
    await sh(token);
    server = await startWrangler(words);
    const [refused, answered] = (await sh(closed.replaceAll("\n", "; echo\n"))).split("\n");
    expect(refused).toContain('"code":"unauthorized"');
    expect(answered).toContain('"version":"first"');
  } finally {
    await server.stop();
  }
});
