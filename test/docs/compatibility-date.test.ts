import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const datesIn = (file: string): string[] =>
  Array.from(readFileSync(`${root}${file}`, "utf8").matchAll(/compatibility_date = "(.+?)"/g), ([, date = ""]) => date);

test("every Worker of the docs and the examples has the date that the oldest wrangler knows", () => {
  const [oldest] = datesIn("docs/deploy.md");
  const files = globSync(["docs/*.md", "examples/**/wrangler.toml", "README.md"], { cwd: root });
  const others = files.flatMap((file) => datesIn(file).flatMap((date) => (date === oldest ? [] : `${file}: ${date}`)));
  expect([files.length > 5, others]).toEqual([true, []]);
});
