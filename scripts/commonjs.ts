// Writes dist/*.cjs and dist/*.d.cts for CommonJS. They require the ES modules, which Node supports from 20.19 and 22.12 on,
// and declare the same types. It runs after bundle.ts and bundle-types.ts.
import { writeFileSync } from "node:fs";

const ENTRIES = [
  "index",
  "train",
  "parts",
  "encoder",
  "changes",
  "compaction",
  "threads",
  "worker",
  "part",
  "router",
  "live",
  "live-sequences",
  "compactor",
  "sequences",
  "client",
];
for (const entry of ENTRIES) {
  const values: Record<string, unknown> = await import(`../dist/${entry}.js`);
  writeFileSync(`dist/${entry}.cjs`, moduleOf(entry, Object.keys(values)));
  writeFileSync(`dist/${entry}.d.cts`, declarationsOf(entry, values));
}

/** Writes each name explicitly, for tools that read the exports of a CommonJS module without running it. */
function moduleOf(entry: string, names: readonly string[]): string {
  const lines = [
    'Object.defineProperty(exports, "__esModule", { value: true });',
    `const esm = require("./${entry}.js");`,
    ...names.map((name) => `exports.${name} = esm.${name};`),
  ];
  return `${lines.join("\n")}\n`;
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
