import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JoinedValue } from "../../src/cli/policy/joined-value.ts";
import { load } from "../../src/index.ts";
import { jsonLines, midx } from "../cli/run.ts";
import { csvOf, simulateShop } from "../fixtures/simulated-shop.ts";
import { EVERY } from "../run/size.ts";

const inUtf16 = (bytes: Buffer): Buffer => Buffer.from(`\ufeff${bytes}`, "utf16le");

describe("midx policy-value", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-ab-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const page = readFileSync(new URL("../../docs/ab-testing.md", import.meta.url), "utf8");
  /** The output that the page shows below each of its commands. */
  const shown = [...page.matchAll(/^\$ (node examples\/ab-testing\/simulate\.js|midx)([^\n]*)\n([^$]*?)```$/gm)];

  let simulated = "";
  beforeAll(async () => {
    simulated = await simulateShop(join(folder, "ab"));
  });

  const at = (name: string): string => join(folder, "ab", name);
  const others = (): string[] => ["--rewards", at("rewards.jsonl"), "--queries", at("queries.jsonl")];
  const asked = (...options: string[]): string[] => [
    ...["policy-value", at("logs.jsonl"), "--index", at("b.midx")],
    ...others(),
    ...options,
  ];

  test("prints what docs/ab-testing.md shows for the example's shop", async () => {
    expect(shown.length).toBeGreaterThanOrEqual(3);
    for (const [, program, command = "", output] of shown) {
      const [call = "", word = ""] = command.split(" | grep ");
      const args = call
        .trim()
        .split(" ")
        .map((arg) => arg.replace(/^ab\//, `${folder}/ab/`));
      const printed = program === "midx" ? (await midx(args)).stdout : simulated;
      const lines = printed.split("\n").filter((line) => line !== "" && line.includes(word));
      expect(`${lines.join("\n")}\n`, command).toBe(output);
    }
  });

  test("says with an estimated log Z that weights carry its error", async () => {
    const { stdout } = await midx(asked("--policy", "estimated", "--scan", "16"));
    expect(stdout).toMatch(/^log Z is estimated: every weight carries its error, and a bias with it$/m);
  });

  test("gives what an index drew a weight of 1 under the same index, whatever its scan", async () => {
    const index = await load(readFileSync(at("b.midx")));
    const { itemCount, dim } = index.info;
    const allow = Array.from({ length: Math.ceil(itemCount / 2) }, (_, i) => 2 * i);
    for (const scan of [0, 8]) {
      const lines: Record<"logs" | "rewards" | "queries", string[]> = { logs: [], rewards: [], queries: [] };
      for (let seed = 0; seed < 20; seed++) {
        const [requestId, vector] = [`r${seed}`, Array.from({ length: dim }, (_, d) => Math.sin(seed * dim + d))];
        const { ids, logQ } = index.sample(Float32Array.from(vector), 1, { scan, allow, seed });
        const drawn = {
          event: "draws",
          requestId,
          version: "b",
          seed: String(seed),
          scan,
          ids: [...ids],
          logQ: [...logQ],
        };
        lines.logs.push(JSON.stringify(drawn));
        lines.rewards.push(JSON.stringify({ requestId, id: ids[0], reward: 1 }));
        lines.queries.push(JSON.stringify({ requestId, vector, allow }));
      }
      for (const [name, own] of Object.entries(lines)) writeFileSync(at(`own-${name}.jsonl`), own.join("\n"));
      const [logs, rewards, queries] = ["logs", "rewards", "queries"].map((name) =>
        at(`own-${name}.jsonl`),
      ) as string[];
      const argv = ["policy-value", logs as string, "--index", at("b.midx"), "--rewards", rewards as string];
      const { stdout } = await midx([
        ...argv,
        "--queries",
        queries as string,
        "--policy",
        "sample",
        "--scan",
        `${scan}`,
        "--json",
      ]);
      expect(jsonLines(stdout)[0]).toMatchObject({
        meanWeight: { mean: expect.closeTo(1, 6), deviation: expect.closeTo(0, 6) },
      });
    }
  });

  test("takes a manifest of parts as the candidate", async () => {
    writeFileSync(at("b.csv"), csvOf(await load(readFileSync(at("b.midx")))));
    const build = ["build", at("b.csv"), "--row-type", "f32", "--bits", "4", "--calibrate", "off"];
    expect(await midx([...build, "--parts", "2", "-o", at("parts")])).toMatchObject({ code: 0 });
    const valueBy = async (file: string, policy: string) => {
      const args = ["policy-value", at("logs.jsonl"), "--index", file, ...others(), "--policy", policy, "--json"];
      const { stdout } = await midx(args);
      return jsonLines(stdout)[0] as unknown as JoinedValue;
    };
    for (const policy of EVERY ? ["softmax", "estimated", "sample"] : ["sample"]) {
      const [one, parts] = [await valueBy(at("b.midx"), policy), await valueBy(at("parts/manifest.json"), policy)];
      expect(parts.requests).toBe(one.requests);
      expect(Math.abs(parts.ips.mean - one.ips.mean)).toBeLessThan(policy === "softmax" ? 0.005 : 0.05);
    }
  });

  test("prints JSON, reads several logs, and tells versions apart", async () => {
    const [one] = jsonLines((await midx(asked("--json"))).stdout);
    expect(one).toMatchObject({ requests: 4000, draws: 4000, versions: ["a"], unusedRewards: 0 });
    const lines = readFileSync(at("logs.jsonl"), "utf8").split("\n");
    const parts = [lines.slice(0, 1500), lines.slice(1000)].map((part, i) => {
      writeFileSync(at(`part-${i}.jsonl`), part.join("\n"));
      return at(`part-${i}.jsonl`);
    });
    const { stdout } = await midx(["policy-value", ...parts, "--index", at("b.midx"), ...others(), "--json"]);
    expect(jsonLines(stdout)[0]).toEqual(one);
    const other = await midx(asked("--drawn-by", "c"));
    expect(other).toMatchObject({
      code: 3,
      stderr: "error: nothing was drawn by version c: the logs have draws of a\n",
    });
  });

  test("calls the errors of a single request unknown", async () => {
    writeFileSync(at("single.jsonl"), readFileSync(at("logs.jsonl"), "utf8").split("\n")[0] ?? "");
    const { stdout } = await midx(["policy-value", at("single.jsonl"), "--index", at("b.midx"), ...others()]);
    expect(stdout).toMatch(/^logged policy +\d\.\d{4} ± unknown, deviation of a request unknown$/m);
    expect(stdout).not.toContain("NaN");
  });

  test("estimates doubly robustly with predictions", async () => {
    const ids = [...Array(300).keys()];
    const lines = Array.from({ length: 4000 }, (_, i) =>
      JSON.stringify({ requestId: `r${i}`, ids, rewards: ids.map(() => 0.54) }),
    );
    writeFileSync(at("predictions.jsonl"), lines.join("\n"));
    const { stdout } = await midx(asked("--predictions", at("predictions.jsonl")));
    const [, mean, error] = /^candidate, doubly robust +(\S+) ± (\S+) \[/m.exec(stdout) ?? [];
    const [, ipsError] = /^candidate, IPS +\S+ ± (\S+) \[/m.exec(stdout) ?? [];
    expect(Math.abs(Number(mean) - 0.5922)).toBeLessThan(3 * Number(error));
    expect(Number(error)).toBeLessThan(Number(ipsError));
    expect(stdout).not.toContain("drawn classes alone");
  });

  test("says that predictions for the drawn classes alone bias the doubly robust estimate", async () => {
    const lines = readFileSync(at("logs.jsonl"), "utf8").trimEnd().split("\n");
    const predictions = lines.map((line) => {
      const { requestId, ids } = JSON.parse(line) as { requestId: string; ids: number[] };
      return JSON.stringify({ requestId, ids, rewards: ids.map(() => 0.54) });
    });
    writeFileSync(at("of-draws.jsonl"), predictions.join("\n"));
    const { stdout } = await midx(asked("--predictions", at("of-draws.jsonl")));
    const caveat = "rewards are predicted for drawn classes alone: the doubly robust estimate is biased";
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(caveat);
    expect(stdout).toMatch(/^candidate, doubly robust +0\.04/m);
    const { predictsDrawsAlone } = JSON.parse(
      (await midx(asked("--predictions", at("of-draws.jsonl"), "--json"))).stdout,
    );
    expect(predictsDrawsAlone).toBe(true);
  });

  const files = ["--rewards", "r", "--queries", "q"];
  test.each([
    [["l", "--index", "c.midx", "--rewards", "r"], "option '--queries <file>' is required: "],
    [["l", ...files], "option '--index <file>' is required: "],
    [["--index", "c.midx", ...files], "missing required argument 'logs'"],
    [["l", "--index", "c", ...files, "--policy", "best"], "Allowed choices are softmax, estimated, sample."],
    [["l", "--index", "c", ...files, "--missing", "0"], "Allowed choices are zero, none."],
    [["l", "--index", "c", ...files, "--temperature", "0"], "option '--temperature <T>' argument '0' is invalid"],
    [["l", "--index", "c", ...files, "--clip", "x"], "option '--clip <weight>' argument 'x' is invalid"],
    [["l", "--index", "c", ...files, "--clip", "0"], "Expected a number above 0."],
    [["l", "--index", "c", ...files, "--policy", "sample", "--scan", "2.5"], "Expected an integer"],
    [["l", "--index", "c", ...files, "--scan", "64"], "'--scan' needs '--policy estimated' or '--policy sample'"],
    [["l", "--index", "c", ...files, "--seed", "1"], "unknown option '--seed'"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await midx(["policy-value", ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test.each([
    [
      "compressed logs",
      "logs.jsonl",
      gzipSync,
      /: expected text, but it looks like a gzip archive: unpack it first: gunzip /,
    ],
    ["rewards in UTF-16", "rewards.jsonl", inUtf16, /: line 1 is not valid UTF-8/],
    [
      "compressed queries",
      "queries.jsonl",
      gzipSync,
      /: expected text, but it looks like a gzip archive: unpack it first/,
    ],
  ])("names the file that is no text: %s", async (_, name, encode, message) => {
    const bad = at(`bad-${name}`);
    writeFileSync(bad, encode(readFileSync(at(name))));
    const { code, stderr } = await midx(asked().map((arg) => (arg === at(name) ? bad : arg)));
    expect(stderr).toContain(`error: ${bad}: `);
    expect(stderr).toMatch(message);
    expect(code).toBe(3);
  });

  test("names the place of a bad line in its own file", async () => {
    const logs = at("bad.jsonl");
    writeFileSync(logs, 'started\n{"event":"draws","requestId":1}\n');
    const { code, stderr } = await midx(["policy-value", logs, "--index", at("b.midx"), ...others()]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: `error: ${logs}:2: "requestId" expected a text, got 1\n` });
  });

  test("names a file that is not there", async () => {
    const { code, stderr } = await midx(["policy-value", at("no.jsonl"), "--index", at("b.midx"), ...others()]);
    expect(code).toBe(1);
    expect(stderr).toContain("no.jsonl");
  });
});
