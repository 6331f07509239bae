import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Paths of the pages that show commands, from the root of the repository. */
export const PAGES = globSync(["*.md", "docs/*.md", "examples/*.md", "examples/*/*.md"], { cwd: root })
  .filter((path) => path !== "CHANGELOG.md")
  .sort();

export const readPage = (path: string): string => readFileSync(`${root}${path}`, "utf8");

/** The text of each fenced block of a page, of one language or of any. */
export const blocksOf = (page: string, language = "[^\\n]*"): string[] =>
  Array.from(readPage(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms")), ([, text = ""]) => text);
