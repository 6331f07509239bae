// npm run docs:fields writes the tables of fields into docs/service.md, between their marks.
import { readFileSync, writeFileSync } from "node:fs";
import { FIELD_TABLES } from "./contract/fields-table.ts";

const DOCUMENT = new URL("../docs/service.md", import.meta.url);

let text = readFileSync(DOCUMENT, "utf8");
for (const [name, table] of Object.entries(FIELD_TABLES)) {
  const between = new RegExp(`(<!-- ${name} -->\n).*(\n<!-- /${name} -->)`, "s");
  if (!between.test(text)) throw new Error(`docs/service.md has no marks ${name}`);
  text = text.replace(between, (_, before: string, after: string) => `${before}\n${table()}\n${after}`);
}
writeFileSync(DOCUMENT, text);
