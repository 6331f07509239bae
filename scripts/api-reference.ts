// npm run docs:api: writes the reference of the package to build/api/, as Markdown, from the bundled declarations of
// dist/ (npm run build). typedoc needs the JavaScript API of TypeScript, which TypeScript 7 does not have, so typedoc
// and the TypeScript that it needs are pinned in scripts/api-reference/ and installed into build/api-reference/.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tools = join(root, "build/api-reference");
const output = join(root, "build/api");

/** The bundled declarations of each module that the package exports. */
const MODULES = {
  midx: "index",
  "midx/train": "train",
  "midx/worker": "worker",
  "midx/client": "client",
};

if (!existsSync(join(root, "dist/index.d.ts"))) {
  console.error("dist/index.d.ts is missing: run npm run build first");
  process.exit(1);
}
mkdirSync(tools, { recursive: true });
for (const name of ["package.json", "package-lock.json"]) {
  cpSync(join(root, "scripts/api-reference", name), join(tools, name));
}
execFileSync("npm", ["ci", "--prefix", tools, "--ignore-scripts", "--no-audit", "--no-fund"], { stdio: "inherit" });

// A module of typedoc is a file. Each of these has the name that users import.
const entries = Object.entries(MODULES).map(([name, file]) => {
  const entry = join(tools, "entries", `${file}.ts`);
  mkdirSync(join(tools, "entries"), { recursive: true });
  writeFileSync(entry, `/** @module ${name} */\nexport * from "../../../dist/${file}.js";\n`);
  return entry;
});
const tsconfig = join(tools, "tsconfig.json");
const compilerOptions = {
  ...{ strict: true, noEmit: true, skipLibCheck: true, target: "esnext", module: "nodenext" },
  ...{ lib: ["esnext", "dom"], types: [], moduleResolution: "nodenext" },
};
writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: entries }));
const options = {
  name: "midx",
  entryPoints: entries,
  tsconfig,
  out: output,
  plugin: ["typedoc-plugin-markdown"],
  readme: "none",
  router: "module",
  entryFileName: "index",
  ...{ disableSources: true, skipErrorChecking: true, excludeExternals: false, hideGenerator: true },
  ...{ sort: ["source-order"], parametersFormat: "table", interfacePropertiesFormat: "table" },
  propertyMembersFormat: "table",
  validation: { notExported: false, invalidLink: true, notDocumented: false },
};
const optionsFile = join(tools, "typedoc.json");
writeFileSync(optionsFile, JSON.stringify(options));
rmSync(output, { recursive: true, force: true });
execFileSync(process.execPath, [join(tools, "node_modules/typedoc/bin/typedoc"), "--options", optionsFile], {
  stdio: "inherit",
  cwd: root,
});
console.log(`The reference is in ${relative(root, output)}/: start with index.md.`);
