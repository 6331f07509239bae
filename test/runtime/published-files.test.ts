import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { execute } from "./execute.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = inject("installed");
const published = join(installed, "node_modules/midx");

describe("links of the published pages", () => {
  const pages = readdirSync(published, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));

  /** The files of this machine that a page links to or shows. */
  const targetsOf = (page: string): string[] => {
    const text = readFileSync(join(published, page), "utf8").replace(/^```.*?^```/gms, "");
    const links = [...text.matchAll(/\]\(<?([^)\s>]+)[^)]*\)|(?:src|href)="([^"]+)"/g)];
    return links
      .map(([, link, attribute]) => link ?? attribute ?? "")
      .filter((link) => !/^([a-z]+:|#)/i.test(link))
      .map((link) => join(dirname(page), decodeURIComponent(link.replace(/[#?].*$/, ""))));
  };

  test("are found, of README.md and of all others", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "SECURITY.md", "docs/deploy.md", "examples/README.md"]));
    expect(targetsOf("README.md").length).toBeGreaterThan(20);
  });

  test.each(pages)("lead from %s to files of the package and of the repository", (page) => {
    for (const target of targetsOf(page)) {
      expect(relative(published, join(published, target)).startsWith(".."), `${target} is outside`).toBe(false);
      expect(existsSync(join(published, target)), `${target} in the package`).toBe(true);
      expect(existsSync(join(root, target)), `${target} in the repository`).toBe(true);
    }
  });
});

describe("an error that nobody catches", () => {
  /** The output of Node for a failing program that imports the package. */
  const failureOf = async (program: string): Promise<string> => {
    const path = join(installed, "fails.js");
    writeFileSync(path, program);
    const failed = await execute(installed, process.execPath, path).catch((error: Error) => error.message);
    return String(failed);
  };

  test.each([
    ["a damaged file", 'import { load } from "midx"; await load(new Uint8Array(99));', /FormatError: /],
    [
      "a wrong matrix",
      'import { build } from "midx/train"; await build({ data: [], shape: [1] });',
      /(Type|Range)Error: /,
    ],
    [
      "a refusal",
      'import { createClient } from "midx/client"; const fetch = async () => new Response("", { status: 500 });' +
        'await createClient("https://words.invalid", { fetch }).predict([1]);',
      /MidxError: 500/,
    ],
  ])("comes with lines that a terminal can show: %s", async (_, program, name) => {
    const printed = await failureOf(program);
    expect(printed).toMatch(name);
    expect(printed.length).toBeLessThan(4096);
  });

  test("has a class with the documented name", async () => {
    const { FormatError } = await import(join(published, "dist/index.js"));
    const { MidxError } = await import(join(published, "dist/client.js"));
    expect([FormatError.name, MidxError.name]).toEqual(["FormatError", "MidxError"]);
    expect((await import(join(published, "dist/train.js"))).FormatError.name).toBe("FormatError");
  });
});

test("the notices name what is known to be bundled, and the compiler of the kernels", () => {
  const notices = readFileSync(join(published, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
  for (const folder of ["hono", "valibot", "@observablehq/plot", "linkedom", "assemblyscript"]) {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, "node_modules", folder, "package.json"), "utf8"),
    );
    expect(notices.split("\n")).toContain(`${name} ${version} (${license})`);
  }
  expect(notices).toContain("Apache License");
  expect(notices).toContain("The following authors have all licensed their contributions to AssemblyScript");
});
