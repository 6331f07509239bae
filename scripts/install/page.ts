import { readFileSync } from "node:fs";

/** A code block of docs/deploy.md that is run, or written to a file, unchanged. */
export type Block =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  /** Commands that the reader types in the first terminal, or in the second one, where they keep running. */
  | { readonly kind: "shell" | "second terminal"; readonly text: string };

export interface Section {
  /** "3. Publish it" */
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Reads the sections of docs/deploy.md up to the one that needs an account. */
export function readSections(): Section[] {
  const page = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  const [before = "", after] = page.split("\n## 7. ");
  if (after === undefined) throw new Error('docs/deploy.md expected a section "7. …", which takes an account');
  return before
    .split("\n## ")
    .slice(1)
    .map((section) => ({ title: section.slice(0, section.indexOf("\n")), blocks: blocksOf(section) }));
}

/** Returns the code blocks with a language. Blocks without one are for reading. */
function blocksOf(section: string): Block[] {
  return Array.from(section.matchAll(/^```(\S+) ?([^\n]*)\n(.*?)^```$/gms), ([, language, name = "", text = ""]) => {
    if (language === "sh") return { kind: name === "" ? "shell" : "second terminal", text } as const;
    if (name === "") throw new Error(`docs/deploy.md expected a file's name beside ${language}`);
    return { kind: "file", path: name, text } as const;
  });
}
