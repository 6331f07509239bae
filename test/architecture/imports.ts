import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";

/** The imports of each file, values and types alike. All paths start at the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/**
 * esbuild drops imports of types, so they are rewritten as imports of values. Nothing is followed, since every file is
 * an entry point.
 */
const everyImport = (root: string): Plugin => ({
  name: "every-import",
  setup(plugins) {
    plugins.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/^(import|export) type (?=[{*]|\w+ from)/gm, "$1 "),
      loader: "ts",
    }));
    plugins.onResolve({ filter: /^\./ }, ({ path, importer, kind }) =>
      kind === "entry-point" ? undefined : { path: relative(root, join(dirname(importer), path)), external: true },
    );
  },
});

export async function readImports(root: string, files: readonly string[]): Promise<Imports> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: "unwritten",
    write: false,
    bundle: true,
    format: "esm",
    packages: "external",
    metafile: true,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    logLevel: "error",
    plugins: [everyImport(root)],
  });
  return new Map(Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)]));
}

/** The files of each cycle, in the order of the imports. */
export function cyclesIn(imports: Imports): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const begin = path.indexOf(file);
    if (begin >= 0) cycles.push(path.slice(begin));
    if (begin >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return cycles;
}
