// npm run build:openapi writes openapi.json from the schemas of worker/ into build/, into build/assets/ for the Worker, and
// into dist/ for the package, or into the folders given as arguments. It runs after bundle.ts, which empties dist/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openApiDocument } from "../worker/openapi/document.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const named = process.argv.slice(2);
const folders = named.length > 0 ? named : ["build", "build/assets", "dist"].map((name) => join(root, name));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const text = `${JSON.stringify(openApiDocument(version))}\n`;
for (const folder of folders) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "openapi.json"), text);
}
