import { dirname, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

const SUFFIX = "?program";

/** Inlines `x.ts?program`, the program of a thread, as text. It is bundled like the module that starts the thread. */
export function inlinedProgram(options: BuildOptions): Plugin {
  return {
    name: "inlined-program",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.ts\?program$/ }, ({ importer, path }) => ({
        path: resolve(dirname(importer), path.slice(0, -SUFFIX.length)),
        namespace: "thread-program",
      }));
      onLoad({ filter: /.*/, namespace: "thread-program" }, async ({ path }) => ({
        contents: await programOf(path, options),
        loader: "text",
      }));
    },
  };
}

/** Bundles the program of a thread, which can be started in every runtime. */
export async function programOf(path: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({ ...options, entryPoints: [path], bundle: true, format: "iife", write: false });
  return outputFiles.map(({ text }) => text).join("");
}
