import { writeFileSync } from "node:fs";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { minify } from "terser";
import { LINE_LIMIT } from "./line-limit.ts";
import { minifiedBefore } from "./minified-before.ts";

/**
 * Bundles with esbuild and minifies the JavaScript with terser, which makes it 3 % smaller, gzipped. Functions that are called
 * once stay functions, because esbuild, with which wrangler minifies a Worker again, names the variables of inlined ones worse:
 * 2 kB more.
 */
export async function buildMinified(
  options: BuildOptions,
  { isShaken = false }: MinifiedOptions = {},
): Promise<{ readonly metafile: Metafile }> {
  // Without white space esbuild leaves annotations out.
  const shaken = isShaken && { minify: false, minifySyntax: true, minifyIdentifiers: true };
  const { outputFiles, metafile } = await build({ ...options, ...shaken, write: false, metafile: true });
  for (const { path, text } of outputFiles) {
    const smaller = () => minified(text, isShaken);
    writeFileSync(path, await minifiedBefore("build/minified", path, [text, isShaken], smaller));
  }
  return { metafile };
}

/** Options of {@link buildMinified}. */
interface MinifiedOptions {
  /** True for a module of which programs import some names: annotations let their bundlers leave the rest out. */
  readonly isShaken?: boolean;
}

/** A module of kernels. It is the only long line, because runtimes print the whole line of an error. */
const INLINED_KERNELS = /Uint8Array\.from\((["'`]).*?(?<!\\)(?:\\\\)*\1/gs;

/** Constants of the language whose values are shorter than their names. */
const CONSTANTS = {
  "@Number.NEGATIVE_INFINITY": "-1/0",
  "@Number.POSITIVE_INFINITY": "1/0",
  "@Number.MAX_SAFE_INTEGER": "2**53-1",
};

/** Keeps the comment by which JSR finds the types of a module. */
export async function minified(code: string, isShaken = false): Promise<string> {
  const { code: smaller } = await minify(code, {
    module: true,
    ecma: 2020,
    compress: { passes: 2, inline: 0, reduce_funcs: false, global_defs: CONSTANTS },
    format: { comments: /@ts-self-types/, max_line_len: LINE_LIMIT, preserve_annotations: isShaken },
  });
  if (smaller === undefined) throw new Error("terser expected code, got none");
  return smaller.replace(INLINED_KERNELS, "\n$&\n");
}
