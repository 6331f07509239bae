import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type BuildReport, build } from "../../../src/train/index.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

const [ITEMS, DIM] = [400, 8];
const output = (): string => join(makeFolder(), "out.midx");

describe("midx build --fit", () => {
  test("says what it tried and what it kept, and measures with queries that it did not learn from", async () => {
    const argv = ["build", writeTable(ITEMS, DIM), "-o", output(), "--queries", writeTable(120, DIM, 5)];
    const { code, stdout, stderr } = await midx([...argv, "--fit", "--fit-scan", "16"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // 30 of the 120 queries measure, and a quarter of the others validate.
    expect(stdout).toContain("fitted to 67 queries for scan 16, validated on 23 other queries:");
    expect(stdout).toMatch(/^step +χ² p90 +KL\(P‖Q\) +log Z, no draws$/m);
    for (const step of ["longer k-means", "k-means by softmax mass", "k-means in the queries' metric"]) {
      expect(stdout).toMatch(new RegExp(`^${step} +\\d.* → .*(not )?kept$`, "m"));
    }
    expect(stdout).toMatch(/^trained codewords .* → .* → .* → .* % {2}(not )?kept$/m);
    expect(stdout).toMatch(/^all, scan 16 .* → /m);
    expect(stdout).toMatch(/^all, plain .* → /m);
    expect(stdout).toContain("on 30 held-out queries");
  });

  test("gives the same report as JSON, and the library's bytes", async () => {
    const table = writeTable(ITEMS, DIM);
    const queries = noise(120 * DIM, 5);
    const isMeasured = (q: number): boolean => q % 4 === 0;
    const rest = queries.filter((_, i) => !isMeasured(Math.floor(i / DIM)));
    let report: BuildReport | undefined;
    const expected = await build(
      { data: noise(ITEMS * DIM), shape: [ITEMS, DIM] },
      { queries: rest, fit: { scan: 0 }, onReport: (made) => (report = made) },
    );
    const path = output();
    const argv = ["build", table, "-o", path, "--queries", writeTable(120, DIM, 5), "--fit", "--fit-scan", "0"];
    const { code, stdout } = await midx([...argv, "--json"]);
    expect(code).toBe(0);
    const events = jsonLines(stdout);
    const built = events.pop();
    const { calibration, ...timeless } = JSON.parse(JSON.stringify(report));
    const calibrated = calibration && { calibration: { ...calibration, seconds: expect.any(Number) } };
    expect(built).toMatchObject({ report: { ...timeless, ...calibrated }, quality: { queryCount: 30 } });
    expect(events.some(({ phase }) => phase === "fit")).toBe(true);
    expect(new Uint8Array(readFileSync(path))).toEqual(expected);
  });

  test("goes with an older index, and with a build from scratch beside it", async () => {
    const old = output();
    await midx(["build", writeTable(ITEMS, DIM), "-o", old]);
    const argv = ["build", writeTable(ITEMS, DIM, 2), "-o", output(), "--queries", writeTable(60, DIM, 5), "--fit"];
    const { code, stdout } = await midx([...argv, "--warm-from", old, "--compare"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trained codewords /m);
    expect(stdout).not.toMatch(/^longer k-means /m);
    expect(stdout).toMatch(/^codebooks +reused +from scratch$/m);
  });

  test.each([
    [["--fit"], "'--fit' needs '--queries'"],
    [["--fit-scan", "3"], "'--fit-scan' needs '--fit'"],
    [["--fit", "--queries", "TWO"], "'--fit' expected at least 3 queries"],
    [["--fit", "--queries", "TWO", "--max-memory", "500"], "cannot be used with"],
  ])("refuses %j with exit code 2", async (options, message) => {
    const two = writeTable(2, DIM, 3);
    const argv = ["build", writeTable(ITEMS, DIM), "-o", output(), ...options.map((o) => (o === "TWO" ? two : o))];
    expect(await midx(argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
