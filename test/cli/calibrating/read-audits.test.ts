import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readAudits } from "../../../src/cli/calibrating/audits.ts";
import type { AuditLine } from "../../../worker/contract/audit-lines.ts";
import { makeFolder } from "../files.ts";

const INDEX = { contentId: "0".repeat(64), estimator: "dispersion-5", remedy: "" };

const auditWith = (fields: Partial<AuditLine>): AuditLine => ({
  format: "midx-audit",
  formatVersion: 1,
  contentId: INDEX.contentId,
  estimator: INDEX.estimator,
  requestId: "session-1",
  path: "/v1/predict",
  temperature: 1,
  filtered: false,
  standardError: 0.02,
  error: 0.01,
  proposal: "buckets",
  scan: 1024,
  draws: 100,
  tailShare: 0.1,
  modelError: 0.01,
  k: 10,
  hits: 10,
  ...fields,
});

async function countOf(audits: readonly object[]): Promise<number> {
  const path = join(makeFolder(), "audits.jsonl");
  writeFileSync(path, audits.map((audit) => `${JSON.stringify(audit)}\n`).join(""));
  return (await readAudits(path, INDEX)).length;
}

test("audits of a caller who gives all requests one id count one by one", async () => {
  const audits = Array.from({ length: 300 }, (_, i) => auditWith({ error: i / 1e4 }));
  expect(await countOf(audits)).toBe(300);
  expect(await countOf([...audits, ...audits])).toBe(300);
});

test("an audit that was read twice counts once, with its fields in whatever order", async () => {
  const { requestId, ...others } = auditWith({ query: [1, 2, 3] });
  expect(
    await countOf([
      { ...others, requestId },
      { requestId, ...others },
    ]),
  ).toBe(1);
  expect(await countOf([auditWith({ query: [1, 2, 3] }), auditWith({ query: [1, 2, 4] })])).toBe(2);
});
