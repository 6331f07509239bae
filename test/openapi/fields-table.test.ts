import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FIELD_TABLES } from "../../scripts/contract/fields-table.ts";

const TABLES = Object.entries(FIELD_TABLES).flatMap(([document, tables]) =>
  Object.entries(tables).map(([name, table]) => [document, name, table] as const),
);

test.each(TABLES)("%s has the fields of the schemas: %s", (document, name, table) => {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
  expect(text).toContain(`<!-- ${name} -->\n\n${table()}\n\n<!-- /${name} -->`);
});
