import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";
import { cliBundle } from "../../scripts/bundle/cli-bundle.ts";
import { importedWasm } from "../../scripts/bundle/imported-wasm.ts";
import { inlinedWasm } from "../../scripts/bundle/inlined-wasm.ts";
import { libraryBundle } from "../../scripts/bundle/library-bundle.ts";
import { bundledPackages } from "../../scripts/bundle/third-party-notices.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const published = join(inject("installed"), "node_modules/midx");

test("the notices name every package that a bundle contains parts of, and the compiler of the kernels", async () => {
  const notices = readFileSync(join(published, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
  const entryPoints = ["page/main.ts", "page/page.css"];
  const page = { ...libraryBundle, platform: "browser" as const, entryPoints, plugins: [inlinedWasm] };
  const service = { ...libraryBundle, entryPoints: ["worker/entry.ts"], plugins: [importedWasm] };
  const bundles = await Promise.all(
    [cliBundle, page, service].map((options) =>
      build({ ...options, absWorkingDir: root, outdir: "unused", write: false, metafile: true }),
    ),
  );
  const packages = [...bundledPackages(bundles.map(({ metafile }) => metafile)).keys()];
  expect(packages.map((folder) => basename(folder))).toEqual(
    expect.arrayContaining(["hono", "valibot", "plot", "linkedom"]),
  );
  for (const folder of [...packages, "node_modules/assemblyscript/"]) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    expect(notices.split("\n")).toContain(`${name} ${version} (${license})`);
  }
});
