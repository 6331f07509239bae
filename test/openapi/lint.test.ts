import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { liveDocument } from "../../worker/openapi/live-document.ts";
import { liveRouterDocument } from "../../worker/openapi/live-router-document.ts";
import { routerDocument } from "../../worker/openapi/router-document.ts";
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

/** The result of @redocly/cli's recommended rules, in its own JSON. */
function lint(document: object): { totals: object; problems: { ruleId: string }[] } {
  const folder = mkdtempSync(join(tmpdir(), "midx-lint-"));
  try {
    writeFileSync(join(folder, "openapi.json"), JSON.stringify(document));
    const args = ["--import", WITHOUT_NETWORK, REDOCLY, "lint", "--format=json", "openapi.json"];
    const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "true" };
    const options = { cwd: folder, env: { ...process.env, ...quiet }, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    if (status !== 0 && status !== 1) throw new Error(`the linter ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ["openapi.json", described.document],
  ["router-openapi.json", routerDocument(version)],
  ["live-openapi.json", liveDocument(version)],
  ["live-router-openapi.json", liveRouterDocument(version)],
  ["sequences-openapi.json", sequenceDocument(version)],
])("%s passes the recommended rules of a linter without an error or a warning", (_, document) => {
  expect(lint(document)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
});

test("a document that has no security for an operation does not", () => {
  const paths = { "/healthz": { get: { ...described.document.paths["/healthz"]?.get, security: undefined } } };
  const { problems } = lint({ ...described.document, paths });
  expect(problems.map(({ ruleId }) => ruleId)).toContain("security-defined");
});
