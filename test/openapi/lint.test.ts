import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { liveDocument } from "../../worker/openapi/live-document.ts";
import { liveRouterDocument } from "../../worker/openapi/live-router-document.ts";
import { liveSequenceDocument } from "../../worker/openapi/live-sequence-document.ts";
import { routerDocument } from "../../worker/openapi/router-document.ts";
import { liveRouterSequenceDocument, routerSequenceDocument } from "../../worker/openapi/router-sequence-documents.ts";
import { sequenceDocument } from "../../worker/openapi/sequence-document.ts";
import { described, version } from "./service.ts";

const REDOCLY = fileURLToPath(new URL("../../node_modules/@redocly/cli/bin/cli.js", import.meta.url));

/** Ends the linter with exit code 99 if it opens a connection or resolves a name. */
const WITHOUT_NETWORK = `data:text/javascript,${encodeURIComponent(`
  import dns from "node:dns";
  import net from "node:net";
  import { syncBuiltinESMExports } from "node:module";
  const refuse = () => process.exit(99);
  net.Socket.prototype.connect = refuse;
  dns.lookup = refuse;
  dns.promises.lookup = refuse;
  syncBuiltinESMExports();
`)}`;

interface Linted {
  readonly totals: object;
  readonly problems: readonly { readonly ruleId: string }[];
}

/** What @redocly/cli's recommended rules say of each document, in its own JSON. It takes a second to start, so it starts once. */
function lint(documents: readonly object[]): Linted[] {
  const folder = mkdtempSync(join(tmpdir(), "midx-lint-"));
  try {
    const names = documents.map((_, i) => `${i}.json`);
    for (const [i, name] of names.entries()) writeFileSync(join(folder, name), JSON.stringify(documents[i]));
    const args = ["--import", WITHOUT_NETWORK, REDOCLY, "lint", "--format=json", ...names];
    const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "true" };
    const options = { cwd: folder, env: { ...process.env, ...quiet }, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    if (status !== 0 && status !== 1) throw new Error(`the linter ended with ${status}: ${stderr}`);
    return JSON.parse(`[${stdout.replaceAll(/^\}\{$/gm, "},{")}]`); // an object of each document
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const insecure = {
  ...described.document,
  paths: { "/healthz": { get: { ...described.document.paths["/healthz"]?.get, security: undefined } } },
};
const DOCUMENTS = {
  "openapi.json": described.document,
  "router-openapi.json": routerDocument(version),
  "live-openapi.json": liveDocument(version),
  "live-router-openapi.json": liveRouterDocument(version),
  "live-sequences-openapi.json": liveSequenceDocument(version),
  "router-sequences-openapi.json": routerSequenceDocument(version),
  "live-router-sequences-openapi.json": liveRouterSequenceDocument(version),
  "sequences-openapi.json": sequenceDocument(version),
};

let linted: Linted[];
beforeAll(() => {
  linted = lint([insecure, ...Object.values(DOCUMENTS)]);
});

test.each(Object.keys(DOCUMENTS).map((name, i) => [name, i + 1] as const))(
  "%s passes the recommended rules of a linter without an error or a warning",
  (_, at) => {
    expect(linted[at]).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  },
);

test("a document that has no security for an operation does not", () => {
  expect(linted).toHaveLength(1 + Object.keys(DOCUMENTS).length);
  expect(linted[0]?.problems.map(({ ruleId }) => ruleId)).toContain("security-defined");
});
