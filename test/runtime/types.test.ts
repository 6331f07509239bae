import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { tool } from "./commands.ts";
import { execute } from "./execute.ts";

const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const installed = inject("installed");

const NODE_ONLY = { types: ["node"], lib: ["es2023"] };
const BROWSER_ONLY = { types: [], lib: ["es2023", "dom"] };
const NODE_NEXT = { module: "nodenext" };
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const STRICT = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, target: "es2023", noEmit: true };

beforeAll(() => {
  for (const name of ["@types/node", "undici-types", "@cloudflare/workers-types"]) {
    const link = join(installed, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(packages, name), link);
  }
  cpSync(fileURLToPath(new URL("consumer.ts", import.meta.url)), join(installed, "consumer.ts"));
});

/** The messages of tsc about a file of the installed project, declarations of the package included. */
async function check(files: readonly string[], options: object): Promise<string> {
  const config = join(installed, `tsconfig.${expect.getState().currentTestName?.replace(/\W+/g, "-")}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files }));
  return execute(installed, tool("tsc"), "-p", config);
}

describe("the types of the package are right", () => {
  test("with those of Node alone, by nodenext", async () => {
    expect(await check(["consumer.ts"], { ...NODE_ONLY, ...NODE_NEXT })).toBe("");
  });

  test("with those of Node alone, for bundlers", async () => {
    expect(await check(["consumer.ts"], { ...NODE_ONLY, ...BUNDLER })).toBe("");
  });

  test("with those of a browser alone", async () => {
    expect(await check(["consumer.ts"], { ...BROWSER_ONLY, ...BUNDLER })).toBe("");
  });

  test("in a Worker", async () => {
    const workers = { types: ["@cloudflare/workers-types"], lib: ["es2023"], ...BUNDLER };
    const examples = ["worker-app/index.ts", "worker/index.ts", "worker/modules.d.ts"].map(
      (path) => `examples/${path}`,
    );
    expect(await check(["consumer.ts", ...examples], workers)).toBe("");
  });
});

describe("the declarations", () => {
  const dist = join(installed, "node_modules/midx/dist");
  const declarations = readdirSync(dist).filter((name) => name.endsWith(".d.ts"));
  const textOf = (name: string): string => readFileSync(join(dist, name), "utf8").replace(/\/\*.*?\*\//gs, "");

  test("name no kernel, and no package that consumers lack", () => {
    expect(declarations.length).toBeGreaterThanOrEqual(3);
    for (const name of declarations) {
      expect(textOf(name).match(/WebAssembly|hono|valibot|Kernels|OpenedIndex/g), name).toBeNull();
    }
  });

  test("import each other alone", () => {
    const imported = declarations.flatMap((name) =>
      [...textOf(name).matchAll(/^[^*]*from "([^"]*)"/gm)].map((match) => match[1]),
    );
    expect(imported.filter((path) => !path?.startsWith("./"))).toEqual([]);
  });
});
