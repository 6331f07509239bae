import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { startWrangler } from "../../scripts/server/wrangler-dev.ts";
import { hasChromium, sayWithoutChromium, withPage } from "./chromium.ts";
import { tool } from "./commands.ts";
import { execute } from "./execute.ts";
import { serveIndex } from "./serve-index.ts";

interface Context {
  readonly words: string;
  readonly query: readonly number[];
}

const examples = (path: string): string => join(inject("installed"), "examples", path);
const read = (path: string): string => readFileSync(examples(path), "utf8");
const contexts = JSON.parse(read("contexts.json")) as readonly Context[];
const vocabulary = new Set(read("next-word/words.txt").trimEnd().split("\n"));

/** The words that each line prints after its context. */
function predictions(printed: string): string[][] {
  const lines = printed.trimEnd().split("\n");
  expect(lines.map((line) => line.split(" … ")[0])).toEqual(contexts.map(({ words }) => words));
  return lines.map((line) => (line.split(" … ")[1] as string).split(", ").map((word) => word.split(" ")[0] as string));
}

function expectWords(words: readonly string[][], count: number): void {
  for (const line of words) {
    expect(line).toHaveLength(count);
    expect(line.filter((word) => !vocabulary.has(word))).toEqual([]);
  }
}

describe("the example for", () => {
  /** The most likely words, from the example of exact answers. */
  let mostLikely: string[][];
  beforeAll(async () => {
    mostLikely = predictions(await execute(examples("."), tool("bun"), "bun.ts"));
  });

  test("Node gives the most likely words, with their probabilities", async () => {
    const printed = await execute(examples("."), tool("node"), "node.js");
    const words = predictions(printed);
    expectWords(words, 3);
    expect(words).toEqual(mostLikely.map((line) => line.slice(0, 3)));
    expect(printed.match(/\d\.\d %/g)).toHaveLength(3 * contexts.length);
  });

  test("the client gives them too, from midx serve", async () => {
    const service = await serveIndex(inject("installed"), examples("next-word/next-word.midx"));
    try {
      for (const runtime of ["node", "bun"]) {
        const printed = await execute(examples("."), tool(runtime), "client.js", service.url);
        expect(predictions(printed), runtime).toEqual(mostLikely.map((line) => line.slice(0, 3)));
      }
      const permissions = ["--no-prompt", "--allow-read", `--allow-net=${new URL(service.url).host}`];
      const printed = await execute(examples("."), tool("deno"), "run", ...permissions, "client.js", service.url);
      expect(predictions(printed), "deno").toEqual(mostLikely.map((line) => line.slice(0, 3)));
    } finally {
      await service.stop();
    }
  });

  test("another policy's value, from a log, gives what docs/ab-testing.md shows", async () => {
    const node = (...args: string[]) => execute(examples("."), tool("node"), ...args);
    const page = readFileSync(new URL("../../docs/ab-testing.md", import.meta.url), "utf8");
    expect(page).toContain(`\n${await node("ab-testing/simulate.js", "ab")}\``);
    const printed = await node("ab-testing/policy-value.js", "ab");
    for (const [name, label] of [
      ["ips", "candidate, IPS"],
      ["snips", "candidate, SNIPS"],
      ["snipsDifference", "difference, SNIPS"],
    ] as const) {
      const [, mean, interval] = new RegExp(`^${name} +(\\S+) (\\[.*\\])$`, "m").exec(printed) ?? [];
      expect(page).toMatch(new RegExp(`^${label} +${mean} ± \\S+ ${interval?.replace(/[[\]]/g, "\\$&")}`, "m"));
    }
  });

  test("Deno draws words, and its types are right", async () => {
    const args = ["run", "--check", "--no-remote", "--no-prompt", `--allow-read=${examples(".")}`, "deno.ts"];
    expectWords(predictions(await execute(examples("."), tool("deno"), ...args)), 5);
  });

  test("Bun gives the five most likely words", () => {
    expectWords(mostLikely, 5);
  });

  test("a Worker of one's own answers with words", async () => {
    const worker = await startWrangler(examples("worker"));
    try {
      const ask = (body: unknown) => fetch(worker.url, { method: "POST", body: JSON.stringify(body) });
      const answer = (await (await ask(contexts[0]?.query)).json()) as { word: string; probability: number }[];
      expect(answer.map(({ word }) => word).slice(0, 3)).toEqual(mostLikely[0]?.slice(0, 3)); // the head may lack the fifth
      const refused = await ask([1, 2]);
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain('"query" expected 100 values (info.dim), got 2');
    } finally {
      await worker.stop();
    }
  });

  test("a Worker with the HTTP interface in it has its own page beside it", async () => {
    const worker = await startWrangler(examples("worker-app"));
    try {
      expect(await (await fetch(worker.url)).text()).toContain("POST /v1/predict");
      const ask = () =>
        fetch(`${worker.url}/v1/predict`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ vector: contexts[0]?.query, k: 5, exact: true }),
        });
      let response = await ask();
      // wrangler starts a Worker anew when it finds its files, and repeats only what is safe to repeat.
      while (response.status === 503 && !response.headers.has("x-request-id")) response = await ask();
      const { ids } = (await response.json()) as { ids: number[] };
      const words = [...vocabulary];
      expect(ids.map((id) => words[id])).toEqual(mostLikely[0]);
      for (const path of ["nowhere", "next-word.midx", "words.txt"]) {
        expect((await fetch(`${worker.url}/${path}`)).status, path).toBe(404);
      }
    } finally {
      await worker.stop();
    }
  });

  sayWithoutChromium("the example of a page");
  test.skipIf(!hasChromium)("a page lists words, and others for another context", async () => {
    await withPage(inject("installed"), "examples/browser/index.html", async (page) => {
      for (const [i, words] of mostLikely.entries()) {
        await page.locator("li").nth(9).waitFor();
        await page.locator("select").selectOption(String(i));
        const listed = await page.locator("li").allTextContents();
        expect(listed.map((item) => item.split(" ")[0]).slice(0, 3)).toEqual(words.slice(0, 3));
      }
    });
  });
});
