import { expect, test } from "vitest";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../../src/answers/options.ts";
import { midx } from "./run.ts";

/** The help of a command, with the lines of each entry joined. */
async function helpOf(command: string): Promise<string> {
  const { stdout } = await midx([command, "--help"]);
  return stdout.replaceAll(/\n {10,}/g, " ");
}

/** The lines of a group of options, up to the next empty line. */
const groupOf = (help: string, heading: string): string => help.split(`\n${heading}:\n`)[1]?.split("\n\n")[0] ?? "";

test.each([
  ["predict", "Diversity"],
  ["sample", "Exploration"],
  ["decode", "Truncation"],
])(
  "the help of midx %s does not put --exact and --seed under %s, with which they have nothing to do",
  async (command, other) => {
    const help = await helpOf(command);
    expect(groupOf(help, other)).toMatch(/--(pool|power|top-p)/);
    expect(groupOf(help, other)).not.toMatch(/--(exact|seed) /);
    expect(groupOf(help, "Randomness")).toContain("--seed <integer>");
  },
);

test.each(["predict", "sample", "eval"])(
  "the help of midx %s says what --scan and --draws are by default",
  async (command) => {
    const help = await helpOf(command);
    expect(help).toMatch(new RegExp(`--scan <classes> .*\\(default: ${DEFAULT_SCAN}\\)`));
    const draws = command === "sample" ? 20 : DEFAULT_DRAWS;
    expect(help).toMatch(new RegExp(`--draws <count> .*\\(default: ${draws}\\)`));
  },
);
