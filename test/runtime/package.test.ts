import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";
import { exportsOf } from "../../scripts/bundle/short-kernel-names.ts";

const folder = join(inject("installed"), "node_modules/midx");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

test("the package depends on nothing, and runs nothing when it is installed", () => {
  for (const field of ["dependencies", "optionalDependencies", "bundledDependencies"]) {
    expect(manifest[field], field).toBeUndefined();
  }
  // npm installs no optional peers. These state the versions that "midx publish" and "midx worker" work with.
  expect(Object.keys(manifest.peerDependencies)).toEqual(["bullmq", "ioredis", "wrangler"]);
  expect(manifest.peerDependenciesMeta).toEqual({
    ...{ bullmq: { optional: true }, ioredis: { optional: true }, wrangler: { optional: true } },
  });
  expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

test("types stand first in its exports, then workerd", () => {
  const kernels = ["query", "exact", "batch", "scan", "scan-relaxed", "encoder"].map((name) => `./wasm/${name}.wasm`);
  expect(Object.keys(manifest.exports)).toEqual([
    ...[
      ".",
      "./train",
      "./parts",
      "./encoder",
      "./changes",
      "./compaction",
      "./threads",
      "./worker",
      "./part",
      "./router",
      "./sequences",
      "./live",
      "./live-sequences",
      "./compactor",
      "./client",
    ],
    ...kernels,
    "./package.json",
  ]);
  for (const name of [".", "./encoder", "./compaction", "./compactor"])
    expect(Object.keys(manifest.exports[name])).toEqual(["types", "workerd", "require", "default"]);
  for (const name of [
    "./train",
    "./parts",
    "./changes",
    "./threads",
    "./worker",
    "./part",
    "./router",
    "./sequences",
    "./live",
    "./live-sequences",
    "./client",
  ])
    expect(Object.keys(manifest.exports[name])).toEqual(["types", "require", "default"]);
});

test("everything that it refers to is in it", () => {
  const targets = [
    manifest.bin.midx,
    manifest.main,
    manifest.types,
    ...(JSON.stringify([manifest.exports, manifest.typesVersions]).match(/\.\/dist\/[^"]+/g) ?? []),
  ];
  const paths = targets.filter((target): target is string => typeof target === "string" && target.startsWith("./"));
  expect(paths.length).toBeGreaterThan(20);
  for (const path of paths) expect(existsSync(join(folder, path)), path).toBe(true);
});

test("nothing is in it but modules, kernels, types, pages to read and programs to start from", () => {
  expect(readdirSync(folder).sort()).toEqual([
    "CHANGELOG.md",
    "FORMAT.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "dist",
    "docs",
    "examples",
    "package.json",
  ]);
  const data = readdirSync(join(folder, "examples"), { recursive: true, encoding: "utf8" });
  expect(data.filter((path) => /\.(safetensors|midx|gz)$|wrangler\/|\/words\.txt|\/contexts\.txt/.test(path))).toEqual(
    [],
  );
  expect(readdirSync(join(folder, "dist")).sort()).toEqual([
    ".assetsignore",
    "THIRD-PARTY-NOTICES.txt",
    "batch.wasm",
    "changes.cjs",
    "changes.d.cts",
    "changes.d.ts",
    "changes.js",
    "cli-worker.js",
    "cli.js",
    "client.cjs",
    "client.d.cts",
    "client.d.ts",
    "client.js",
    "compaction-workerd.js",
    "compaction.cjs",
    "compaction.d.cts",
    "compaction.d.ts",
    "compaction.js",
    "compactor-workerd.js",
    "compactor.cjs",
    "compactor.d.cts",
    "compactor.d.ts",
    "compactor.js",
    "encoder-workerd.js",
    "encoder.cjs",
    "encoder.d.cts",
    "encoder.d.ts",
    "encoder.js",
    "encoder.wasm",
    "exact.wasm",
    "index.cjs",
    "index.d.cts",
    "index.d.ts",
    "index.js",
    "live-openapi.json",
    "live-router-openapi.json",
    "live-router-sequences-openapi.json",
    "live-sequences-openapi.json",
    "live-sequences.cjs",
    "live-sequences.d.cts",
    "live-sequences.d.ts",
    "live-sequences.js",
    "live.cjs",
    "live.d.cts",
    "live.d.ts",
    "live.js",
    "openapi.json",
    "page",
    "part.cjs",
    "part.d.cts",
    "part.d.ts",
    "part.js",
    "parts.cjs",
    "parts.d.cts",
    "parts.d.ts",
    "parts.js",
    "query.wasm",
    "router-openapi.json",
    "router-sequences-openapi.json",
    "router.cjs",
    "router.d.cts",
    "router.d.ts",
    "router.js",
    "scan-relaxed.wasm",
    "scan.wasm",
    "sequences-openapi.json",
    "sequences.cjs",
    "sequences.d.cts",
    "sequences.d.ts",
    "sequences.js",
    "shared.d.ts",
    "shared.js",
    "threads.cjs",
    "threads.d.cts",
    "threads.d.ts",
    "threads.js",
    "train.cjs",
    "train.d.cts",
    "train.d.ts",
    "train.js",
    "train.wasm",
    "worker.cjs",
    "worker.d.cts",
    "worker.d.ts",
    "worker.js",
    "workerd.js",
  ]);
  expect(readdirSync(join(folder, "dist/page")).sort()).toEqual(["index.html", "page.css", "page.js"]);
});

test("the client is at most 6,200 bytes, and holds no kernel", () => {
  const text = readFileSync(join(folder, "dist/client.js"), "utf8");
  expect(text.length).toBeLessThanOrEqual(6200);
  expect(text).not.toContain("WebAssembly");
});

test("bundles leave out entries of which a program uses nothing", async () => {
  const entries = Object.keys(manifest.exports).filter((path) => typeof manifest.exports[path] === "object");
  const contents = entries.map((path) => `import "${path.replace(".", "midx")}";`).join("");
  const program = { stdin: { contents, resolveDir: folder }, bundle: true, write: false, format: "esm" } as const;
  const { outputFiles } = await build({ ...program, minify: true, logLevel: "silent" });
  expect(outputFiles.map(({ text }) => text)).toEqual([""]);
});

test.each(["parts", "router"])("midx/%s holds no kernel", (name) => {
  expect(readFileSync(join(folder, `dist/${name}.js`), "utf8")).not.toMatch(/WebAssembly|AGFzb/);
});

test("kernels are inlined everywhere but in Workers, where they are imported", () => {
  const importsOf = (name: string): string[] =>
    [...readFileSync(join(folder, "dist", name), "utf8").matchAll(/\bfrom ?"([\w./-]+)"|\bimport ?"([\w./-]+)"/g)].map(
      (match) => (match[1] ?? match[2]) as string,
    );
  expect(importsOf("index.js")).toEqual([]);
  expect(importsOf("train.js")).toEqual([]);
  expect(importsOf("client.js")).toEqual([]);
  expect(importsOf("parts.js")).toEqual([]);
  expect(importsOf("encoder.js")).toEqual([]);
  expect(importsOf("encoder-workerd.js")).toEqual(["./encoder.wasm"]);
  expect(importsOf("compaction.js")).toEqual([]);
  expect(importsOf("compaction-workerd.js").sort()).toEqual([
    ...["./exact.wasm", "./query.wasm", "./scan-relaxed.wasm", "./train.wasm"],
  ]);
  expect(new Set(importsOf("compactor-workerd.js"))).toEqual(new Set(importsOf("compaction-workerd.js")));
  expect(importsOf("threads.js")).toEqual([]);
  expect(importsOf("router.js")).toEqual([]);
  expect(new Set(importsOf("sequences.js"))).toEqual(new Set(["midx", "midx/encoder"]));
  expect(new Set(importsOf("compactor.js"))).toEqual(new Set(["midx", "midx/compaction"]));
  for (const name of ["worker.js", "part.js"]) expect(new Set(importsOf(name))).toEqual(new Set(["midx"]));
  expect(importsOf("workerd.js").sort()).toEqual(["./exact.wasm", "./query.wasm", "./scan-relaxed.wasm"]);
});

test.each(["README.md", "docs/runtimes.md"])("%s says how large the library is", (page) => {
  const [, stated] = /`midx` (?:has|is) (\d+) KB gzipped/.exec(readFileSync(join(folder, page), "utf8")) ?? [];
  const bytes = gzipSync(readFileSync(join(folder, "dist/index.js")), { level: 9 }).byteLength;
  expect(Math.abs(Number(stated) - bytes / 1000)).toBeLessThan(1);
});

test("docs/runtimes.md says how large the other entries are", () => {
  const page = readFileSync(join(folder, "docs/runtimes.md"), "utf8");
  const stated = [...page.matchAll(/from "midx\/(\w+)"; \/\/.*?\b(\d+) KB/g)];
  expect(stated.length).toBeGreaterThanOrEqual(6);
  for (const [, name, size] of stated) {
    const { byteLength } = gzipSync(readFileSync(join(folder, `dist/${name}.js`)), { level: 9 });
    expect(Math.abs(Number(size) - byteLength / 1000), name).toBeLessThan(1);
  }
});

test("JSR has the same version", () => {
  const jsr = JSON.parse(readFileSync(new URL("../../jsr.json", import.meta.url), "utf8"));
  expect(jsr.version).toBe(manifest.version);
});

test("no public type has a name that kernels share with their bundles, where it would be shortened", () => {
  const types = readdirSync(join(folder, "dist")).filter((name) => name.endsWith(".d.ts"));
  const declared = types.map((name) => readFileSync(join(folder, "dist", name), "utf8")).join("\n");
  for (const name of shortened()) expect(declared, name).not.toMatch(new RegExp(`\\b${name}\\b`));
});

test.each(["workerd.js", "part.js", "parts.js", "encoder.js", "changes.js", "compaction.js", "threads.js"])(
  "%s calls the kernels of the package by their short names",
  (name) => {
    const text = readFileSync(join(folder, "dist", name), "utf8");
    for (const kernel of shortened()) expect(text, kernel).not.toMatch(new RegExp(`\\.${kernel}\\b`));
  },
);

/** The kernels that have a shorter name in the package. */
function shortened(): string[] {
  const names = ["query", "exact", "scan", "batch"].flatMap((kernel) => {
    const shipped = exportsOf(readFileSync(join(folder, `dist/${kernel}.wasm`)));
    return exportsOf(readFileSync(`build/${kernel}.wasm`)).filter((name) => !shipped.includes(name));
  });
  expect(names.length).toBeGreaterThan(50);
  return names;
}
