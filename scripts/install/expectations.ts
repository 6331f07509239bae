import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The environment of a section, for its check. */
export interface Walk {
  readonly folder: string;
  readonly url: string;
  /** Runs a program in the Node under test and returns its output. */
  readonly evaluate: (program: string) => Promise<string>;
}

/** Checks of the output of each section's shell blocks, by the number of the section. */
export const EXPECTATIONS: Readonly<Record<string, (printed: string, walk: Walk) => Promise<void> | void>> = {
  "1": async (_, { evaluate }) => {
    const wrangler = await evaluate('console.log(require("wrangler/package.json").version)');
    console.log(`  wrangler ${wrangler.trim()}`);
  },
  "2": (printed) => assert.match(printed, /^ok [0-9a-f]{64}$/m),
  "3": (printed) => assert.match(printed, /^published +first$/m),
  "4": checkAnswers,
  "5": (printed) => {
    assert.match(printed, /^published +second$/m);
    assert.match(printed, /^\{"status":"ready","version":"second",/m);
    assert.match(printed, /^current +first$/m);
    assert.match(printed, /^\{"status":"ready","version":"first",/m);
  },
  "6": async (printed, { url }) => {
    const [refused, answered] = printed.split(/(?=HTTP\/1.1 200)/);
    assert.match(refused ?? "", /^HTTP\/1.1 401 .*"code":"unauthorized"/s);
    assert.match(answered ?? "", /"version":"first"/);
    assert.equal((await fetch(url)).status, 404, "the demo page, without DEMO");
  },
};

/** Checks that the Worker's answer equals the library's, from the same package in the same Node. */
async function checkAnswers(printed: string, { folder, url, evaluate }: Walk): Promise<void> {
  const [ready, info, answer, ...more] = printed
    .replaceAll("}{", "}\n{")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(more, []);
  assert.equal(ready.status, "ready");
  assert.equal(ready.version, "first");
  assert.equal(info.contentId, ready.contentId);
  const program = `import("midx").then(async ({ load }) => {
    const index = await load(require("node:fs").readFileSync("words.midx"));
    const { vector, k, seed } = JSON.parse(require("node:fs").readFileSync("query.json", "utf8"));
    const { ids, scores, probabilities, logPartition } = index.predict(Float32Array.from(vector), k, { seed });
    const rows = { ids, scores, probabilities };
    for (const name in rows) rows[name] = Array.from(rows[name]);
    console.log(JSON.stringify({ ...rows, labels: index.labels(ids), logPartition }));
  })`;
  const expected = JSON.parse(await evaluate(program));
  const { ids, scores, probabilities, labels, logPartition } = answer;
  assert.deepEqual({ ids, scores, probabilities, labels, logPartition }, expected);
  assert.equal(answer.labels.length, 3);
  assert.match(JSON.parse(readFileSync(join(folder, "openapi.json"), "utf8")).openapi, /^3\./);
  assert.match(await (await fetch(url)).text(), /^<!doctype html>/i);
}
