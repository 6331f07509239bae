// dist/*.d.cts: what CommonJS modules see of the package's types, with the same types behind each name. Their `require` is
// given the same ES modules. It comes after bundle.ts and bundle-types.ts.
import { writeFileSync } from "node:fs";

for (const entry of ["index", "train", "worker", "client"]) {
  const values: Record<string, unknown> = await import(`../dist/${entry}.js`);
  writeFileSync(`dist/${entry}.d.cts`, declarationsOf(entry, values));
}

function declarationsOf(entry: string, values: Readonly<Record<string, unknown>>): string {
  const source = `"./${entry}.js" with { "resolution-mode": "import" }`;
  const lines = [`import type * as esm from ${source};`, `export type * from ${source};`];
  for (const [name, value] of Object.entries(values)) {
    if (name === "default") {
      lines.push("declare const worker: typeof esm.default;", "export default worker;");
      continue;
    }
    lines.push(`export declare const ${name}: typeof esm.${name};`);
    if (isClass(value)) lines.push(`export type ${name} = esm.${name};`);
  }
  return `${lines.join("\n")}\n`;
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && Function.prototype.toString.call(value).startsWith("class");
}
