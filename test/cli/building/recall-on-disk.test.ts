import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { EVERY } from "../../run/size.ts";
import { inTurn } from "../../run/turns.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

/** Returns whether a file has recall curves. */
async function isMeasured(path: string): Promise<boolean> {
  const { recallCurves } = (await load(readFileSync(path))).info;
  return recallCurves.every(({ points }) => points.length > 0);
}

test("a build on the disk with room for the index stores the recall curves of one in memory", async () => {
  const output = join(makeFolder(), "out.midx");
  const bias = writeInput("b.npy", npyBytes(npyLiteral("<f4", "(3000,)"), bytesOf(noise(3000, 7))));
  const builds = [
    [3000, ["--bias", bias]],
    [3000, ["--metric", "cosine", "--quantizer", "pq", "--row-type", "f16"]],
    [80, ["--bits", "2"]],
    [3000, ["--queries", writeTable(600, 10, 8)]],
  ] as const;
  for (const [itemCount, extra] of inTurn(builds, 2)) {
    const argv = ["build", writeTable(itemCount, 10), "-o", output, "--fine-codes", ...extra];
    expect(await midx(argv)).toMatchObject({ code: 0, stderr: "" });
    const inMemory = readFileSync(output);
    expect(await isMeasured(output)).toBe(true);
    expect(await midx([...argv, "--max-memory", "1000"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(output).equals(inMemory), extra.join(" ")).toBe(true);
  }
});

test("one without says that it stores none, and what would be enough", async () => {
  const output = join(makeFolder(), "out.midx");
  const argv = ["build", writeTable(EVERY ? 20_000 : 8000, 16), "-o", output, "--json", "--fine-codes", "--max-memory"];
  const least = /at least (\d+)/.exec((await midx([...argv, "1"])).stderr)?.[1] as string;
  const { code, stdout, stderr } = await midx([...argv, least]);
  expect(code).toBe(0);
  expect(await isMeasured(output)).toBe(false);
  const { info } = await load(readFileSync(output));
  expect(info.recallQueries).toBe("none");
  expect(info).not.toHaveProperty("rowRecall");
  const enough = /^the file has no recall curves: measuring them needs --max-memory (\d+)\n$/.exec(
    stderr,
  )?.[1] as string;
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "built", recallTakes: Number(enough) });
  expect((await midx([...argv, String(Number(enough) - 1)])).stderr).toBe(stderr);
  const measured = await midx([...argv, enough]);
  expect(measured).toMatchObject({ code: 0, stderr: "" });
  expect(jsonLines(measured.stdout).at(-1)).not.toHaveProperty("recallTakes");
  expect(await isMeasured(output)).toBe(true);
});

test("an interrupted measurement leaves no file", async () => {
  const output = join(makeFolder(), "out.midx");
  const controller = new AbortController();
  const argv = ["build", writeTable(3000, 10), "-o", output, "--fine-codes", "--max-memory", "1000", "--json"];
  const onStdout = (text: string): void => {
    // The latest event.
    const last = text.trimEnd().split("\n").at(-1) as string;
    const { phase, done, total } = JSON.parse(last);
    if (phase === "write" && done === total) setTimeout(() => controller.abort(new Error("interrupted")));
  };
  const { code, stderr } = await midx(argv, { signal: controller.signal, onStdout });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "error: interrupted\n" });
  expect(() => readFileSync(output)).toThrow("ENOENT");
});
