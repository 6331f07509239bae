import { renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { printable, printableJson, printableMessage } from "../../src/cli/process/printable.ts";
import { makeFolder, writeInput } from "./files.ts";
import { jsonLines, midx, writeTable } from "./run.ts";

/** Escape, bell, DEL, a C1 control character, a line separator, a bidirectional override and an isolate. */
const HOSTILE = "a\u001b[2J\u0007\u007f\u009b\u2028\u202eb\u2066";
const SHOWN = "a\\x1b[2J\\x07\\x7f\\x9b\\u2028\\u202eb\\u2066";

/** Matches all characters that must not reach a terminal, except line ends. */
const UNSAFE = /[^\P{Cc}\n]|[\p{Cs}\u2028-\u202e\u2066-\u2069]/u;

describe("printable", () => {
  test("shows what a terminal would obey, and leaves all other text as it is", () => {
    expect(printable(HOSTILE)).toBe(SHOWN);
    expect(printable("one\ttwo\r\nthree\ud800")).toBe("one\\ttwo\\r\\nthree\\ud800");
    expect(printable('C:\\a "b" é 你 👩‍👩‍👧 שלום \u200f')).toBe('C:\\a "b" é 你 👩‍👩‍👧 שלום \u200f');
  });

  test("keeps JSON the JSON of the same value", () => {
    const json = JSON.stringify({ label: HOSTILE });
    expect(printableJson(json)).not.toMatch(UNSAFE);
    expect(JSON.parse(printableJson(json))).toEqual({ label: HOSTILE });
  });

  test("indents the lines of a message after its first", () => {
    expect(printableMessage("one\nerror: two\n")).toBe("one\n  error: two");
  });
});

describe("the command line", () => {
  const names = Array.from({ length: 50 }, (_, id) => `${HOSTILE}${id}`);
  const vector = ["--vector", "[1,2,3,4]"];

  async function build(): Promise<string> {
    const output = join(makeFolder(), "out.midx");
    const labels = writeInput("labels.txt", Buffer.from(names.join("\n")));
    await midx(["build", writeTable(50, 4), "--labels", labels, "-o", output]);
    return output;
  }

  test.each([
    ["predict", "-k", "3"],
    ["sample", "--draws", "3"],
  ])("escapes labels that %s prints, and gives them exactly as JSON", async (command, ...options) => {
    const index = await build();
    const { stdout } = await midx([command, index, ...vector, ...options]);
    expect(stdout).toContain(SHOWN);
    expect(stdout).not.toMatch(UNSAFE);
    const json = await midx([command, index, ...vector, ...options, "--json"]);
    expect(json.stdout).not.toMatch(UNSAFE);
    const [answer = {}] = jsonLines(json.stdout);
    expect(answer.labels).toEqual((answer.ids as number[]).map((id) => names[id]));
  });

  test("escapes labels of a file, newlines of names from .jsonl among them", async () => {
    const rows = names.map((id) => JSON.stringify({ id: `${id}\nok`, values: [1, 2, 3, 4] })).join("\n");
    const output = join(makeFolder(), "out.midx");
    await midx(["build", writeInput("rows.jsonl", Buffer.from(rows)), "-o", output]);
    const { stdout } = await midx(["predict", output, ...vector, "-k", "1"]);
    expect(stdout.split("\n")[1]).toMatch(/\\nok$/);
  });

  test("escapes names of files in reports and in errors", async () => {
    const index = await build();
    const hostile = join(dirname(index), `${HOSTILE}\n.midx`);
    renameSync(index, hostile);
    const queries = writeTable(3, 4, 9);
    const evaluated = await midx(["eval", hostile, "--queries", queries]);
    expect(evaluated).toMatchObject({ code: 0, stdout: expect.stringContaining(SHOWN) });
    expect(evaluated.stdout).not.toMatch(UNSAFE);
    for (const argv of [
      ["verify", `${hostile}x`],
      ["build", hostile, "-o", "out.midx"],
      ["predict", hostile, "--vector", HOSTILE],
      [HOSTILE],
      ["verify", `--${HOSTILE}`],
    ]) {
      const { code, stderr } = await midx(argv);
      expect(code).toBeGreaterThan(0);
      expect(stderr).toContain(SHOWN);
      expect(stderr).not.toMatch(UNSAFE);
    }
    writeFileSync(hostile, "nothing");
    const { stderr } = await midx(["verify", hostile]);
    expect(stderr).toContain(`${SHOWN}\\n.midx: `);
  });
});
