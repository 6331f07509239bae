import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** An example that runs in a folder of its own. */
export interface Example {
  readonly folder: string;
  /** The exports of the example, and those of the first stand-in. */
  // biome-ignore lint/suspicious/noExplicitAny: exports of any example
  readonly exports: any;
  remove(): void;
}

/** Runs an example with other sources in place of modules, which are named as it imports them. */
export async function withStandIns(path: string, standIns: Readonly<Record<string, string>>): Promise<Example> {
  const folder = mkdtempSync(join(tmpdir(), "midx-example-"));
  const outfile = join(folder, "example.mjs");
  const names = Object.keys(standIns);
  await build({
    stdin: { contents: `export { default } from "./${path}"; export * from "${names[0]}";`, resolveDir: root },
    ...{ bundle: true, format: "esm", platform: "node", logLevel: "warning", outfile },
    plugins: [
      {
        name: "stand-ins",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /./ }, ({ path: name }) =>
            names.includes(name) ? { path: name, namespace: "stand-in" } : undefined,
          );
          onLoad({ filter: /./, namespace: "stand-in" }, ({ path: name }) => ({ contents: standIns[name] as string }));
        },
      },
    ],
  });
  return {
    folder,
    exports: await import(pathToFileURL(outfile).href),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
