// npm run docs:fields writes the tables of fields into docs/service.md and docs/scale-out.md, between their marks.
import { readFileSync, writeFileSync } from "node:fs";
import { FIELD_TABLES } from "./contract/fields-table.ts";

for (const [document, tables] of Object.entries(FIELD_TABLES)) {
  const path = new URL(`../${document}`, import.meta.url);
  let text = readFileSync(path, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name} -->\n).*(\n<!-- /${name} -->)`, "s");
    if (!between.test(text)) throw new Error(`${document} has no marks ${name}`);
    text = text.replace(between, (_, before: string, after: string) => `${before}\n${table()}\n${after}`);
  }
  writeFileSync(path, text);
}
