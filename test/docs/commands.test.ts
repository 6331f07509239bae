import { expect, test } from "vitest";
import { midx } from "../cli/run.ts";
import { blocksOf, PAGES, readPage } from "./pages.ts";

// The commands that pages show: each command exists and knows every option that it is given.

const helpOf = async (command: string): Promise<string> => (await midx([command, "--help"])).stdout;

/** The commands of a page's blocks, with what stands behind the name: "build", "x.npy -o y.midx". */
const commandsOf = (page: string): [command: string, rest: string][] =>
  blocksOf(page)
    .flatMap((block) => block.replaceAll("\\\n", " ").split(/\n|&&/))
    .flatMap((line) => {
      const [, command = "", rest = ""] = /(?:^|\s)(?:midx|node dist\/cli\.js) ([a-z-]+)( [^|]*)?/.exec(line) ?? [];
      return command ? [[command, rest]] : [];
    });

test("pages show commands", () => {
  expect(PAGES.flatMap(commandsOf).length).toBeGreaterThan(20);
});

test.each(PAGES)("the commands of %s know their options", async (page) => {
  for (const [command, rest] of commandsOf(page)) {
    const help = await helpOf(command);
    expect(help, `midx ${command}`).toContain(`Usage: midx ${command}`);
    const options = Array.from(rest.matchAll(/(?<=\s)(?:--[a-z-]+|-[a-zA-Z])\b/g), ([option]) => option);
    expect(
      options.filter((option) => !new RegExp(`${option}\\b`).test(help)),
      `midx ${command}${rest}`,
    ).toEqual([]);
  }
});

test("the options that docs/command-line.md names in its text are those of a command", async () => {
  const making = [
    "build",
    "build-plan",
    "build-task",
    "worker",
    "train",
    "calibrate",
    "compact",
    "inspect",
    "verify",
    "eval",
  ];
  const names = [
    ...making,
    "encode",
    "predict",
    "sample",
    "decode",
    "serve",
    "publish",
    "rollback",
    "policy-value",
    "report",
  ];
  const help = (await Promise.all(names.map(helpOf))).join("\n");
  const text = readPage("docs/command-line.md").replace(/^```.*?^```$/gms, "");
  const named = new Set(Array.from(text.matchAll(/`(?:[^`\n]* )?(--[a-z\d-]+)/g), ([, option = ""]) => option));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((option) => !new RegExp(`${option}\\b`).test(help))).toEqual([]);
});
