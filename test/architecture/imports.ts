import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";

/** The imports of each file, values and types alike. All paths start at the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const ENTRY = "<every file>";

/**
 * esbuild drops imports of types, so they are rewritten as imports of values. Only the imports of the entry point, which
 * names every file, are followed.
 */
const everyImport = (root: string): Plugin => ({
  name: "every-import",
  setup(plugins) {
    plugins.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/^(import|export) type (?=[{*]|\w+ from)/gm, "$1 "),
      loader: "ts",
    }));
    plugins.onResolve({ filter: /^\./ }, ({ path, importer }) =>
      importer.endsWith(ENTRY) ? undefined : { path: relative(root, join(dirname(importer), path)), external: true },
    );
  },
});

export async function readImports(root: string, files: readonly string[]): Promise<Imports> {
  const { metafile } = await build({
    absWorkingDir: root,
    // One entry point for all: a bundle of each takes esbuild 1.7 times as long.
    stdin: { contents: files.map((file) => `import "./${file}";`).join("\n"), resolveDir: root, sourcefile: ENTRY },
    write: false,
    bundle: true,
    ignoreAnnotations: true, // the package declares that imports for their side effects alone may be left out
    format: "esm",
    packages: "external",
    metafile: true,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    logLevel: "error",
    plugins: [everyImport(root)],
  });
  const inputs = Object.entries(metafile.inputs).filter(([file]) => file !== ENTRY);
  return new Map(inputs.map(([file, { imports }]) => [file, imports.map(({ path }) => path)]));
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
