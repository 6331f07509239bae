// npm run build:openapi writes openapi.json from the schemas of worker/ into build/, into build/assets/ for the Worker, and
// into dist/ for the package, or into the folders given as arguments, and beside it those of a router, of the service and the
// router that take changes, and of all four with sequences. It runs after bundle.ts, which empties dist/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openApiDocument } from "../worker/openapi/document.ts";
import { liveDocument } from "../worker/openapi/live-document.ts";
import { liveRouterDocument } from "../worker/openapi/live-router-document.ts";
import { liveSequenceDocument } from "../worker/openapi/live-sequence-document.ts";
import { routerDocument } from "../worker/openapi/router-document.ts";
import { liveRouterSequenceDocument, routerSequenceDocument } from "../worker/openapi/router-sequence-documents.ts";
import { sequenceDocument } from "../worker/openapi/sequence-document.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const named = process.argv.slice(2);
const folders = named.length > 0 ? named : ["build", "build/assets", "dist"].map((name) => join(root, name));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const documents = {
  "openapi.json": openApiDocument(version),
  "router-openapi.json": routerDocument(version),
  "router-sequences-openapi.json": routerSequenceDocument(version),
  "live-openapi.json": liveDocument(version),
  "live-router-openapi.json": liveRouterDocument(version),
  "live-router-sequences-openapi.json": liveRouterSequenceDocument(version),
  "live-sequences-openapi.json": liveSequenceDocument(version),
  "sequences-openapi.json": sequenceDocument(version),
};
for (const folder of folders) {
  mkdirSync(folder, { recursive: true });
  for (const [name, document] of Object.entries(documents)) {
    writeFileSync(join(folder, name), `${JSON.stringify(document)}\n`);
  }
}
