import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// The pages of the repository as GitHub shows them. test/runtime/published-files.test.ts follows those of the package.

const root = fileURLToPath(new URL("../../", import.meta.url));
const PAGES = globSync(["*.md", "{docs,examples}/**/*.md"], { cwd: root, exclude: ["**/node_modules/**"] }).sort();

const withoutPrograms = (text: string): string => text.replaceAll(/^ *(```+)[^\n]*\n.*?^ *\1$/gms, "");
const textOf = (path: string): string => withoutPrograms(readFileSync(join(root, path), "utf8"));

/** The targets of a page on this machine: of links, of references below the text, and of tags. */
const targetsOf = (text: string): string[] =>
  Array.from(
    text.replaceAll(/`[^`\n]*`/g, "").matchAll(/\]\(<?([^)\s>]+)[^)]*\)|^\[[^\]]+\]: +(\S+)|(?:src|href)="([^"]+)"/gm),
    ([, link, reference, attribute]) => link ?? reference ?? attribute ?? "",
  ).filter((target) => !/^[a-z]+:/i.test(target));

/** The anchors that GitHub gives a page: of its headings, those that come again with a number, and of its tags. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set(Array.from(text.matchAll(/<a (?:id|name)="([^"]+)"/g), ([, name = ""]) => name));
  const counts = new Map<string, number>();
  for (const [, heading = ""] of text.matchAll(/^ {0,3}#{1,6} +(.+?)(?: +#+)?$/gm)) {
    const shown = heading.replaceAll(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1").replaceAll(/<[^>]+>/g, "");
    const slug = shown
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    const before = counts.get(slug) ?? 0;
    counts.set(slug, before + 1);
    anchors.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return anchors;
}

const faultsOf = (page: string): string[] =>
  targetsOf(textOf(page)).flatMap((target) => {
    const [path = "", anchor] = target.split("#");
    const found = path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path)));
    if (found.startsWith("..")) return [`${target} is outside of the repository`];
    if (!existsSync(join(root, found))) return [`${target}: there is no ${found}`];
    if (anchor === undefined) return [];
    if (!found.endsWith(".md") || statSync(join(root, found)).isDirectory()) {
      return [`${target}: only pages have anchors`];
    }
    return anchorsOf(textOf(found)).has(decodeURIComponent(anchor)) ? [] : [`${target}: ${found} has no such heading`];
  });

test("are found", () => {
  const page =
    "# A\n## The `k` of *a* call, x – y\n## A\n[a](b.md#c) [d]: no\n[e]: f.md\n`](g.md)`\n```\n# B\n](h.md)\n```\n";
  expect(targetsOf(withoutPrograms(page))).toEqual(["b.md#c", "f.md"]);
  expect([...anchorsOf(withoutPrograms(page))]).toEqual(["a", "the-k-of-a-call-x--y", "a-1"]);
  expect(PAGES).toEqual(expect.arrayContaining(["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/deploy.md"]));
  const counts = PAGES.map((path) => targetsOf(textOf(path)).length);
  expect(counts[PAGES.indexOf("ARCHITECTURE.md")]).toBeGreaterThan(50);
  expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThan(400);
});

test.each(PAGES)("links of %s lead to files, folders and headings that exist", (page) => {
  expect(faultsOf(page)).toEqual([]);
});
