import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FIELD_TABLES } from "../../scripts/contract/fields-table.ts";

const SERVICE = readFileSync(new URL("../../docs/service.md", import.meta.url), "utf8");

test.each(Object.entries(FIELD_TABLES))("docs/service.md has the fields of the schemas: %s", (name, table) => {
  expect(SERVICE).toContain(`<!-- ${name} -->\n\n${table()}\n\n<!-- /${name} -->`);
});
