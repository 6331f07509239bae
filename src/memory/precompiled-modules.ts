import { knownOptions } from "../checks/known-options.ts";
import { IDENTITY_SECTION, identityOf } from "./kernel-identity.ts";
import type { Modules } from "./kernels.ts";

/**
 * Compiled kernels for runtimes that do not compile bytes: WebAssembly.Modules of the files in `midx/wasm/`, of the
 * version of the library. `load` throws a TypeError for any other module.
 */
export interface KernelModules {
  /** The module of `midx/wasm/query.wasm`: search, proposals, draws and estimates. */
  readonly query: object;
  /** The module of `midx/wasm/exact.wasm`: validation of files, weights, bounds and exact answers. */
  readonly exact: object;
  /**
   * The module of `midx/wasm/scan.wasm`, or of `midx/wasm/scan-relaxed.wasm` for runtimes with relaxed SIMD: fine
   * codes.
   */
  readonly scan: object;
  /**
   * The module of `midx/wasm/batch.wasm`: batches that read rows for several queries at once. Without it, and in Cloudflare
   * Workers, which do not use it, batches are answered query by query, to the same bits.
   */
  readonly batch?: object | undefined;
}

const KNOWN = ["query", "exact", "scan", "batch"];

interface GivenModules {
  readonly modules?: KernelModules;
  /** The instructions of the library's own kernels. It has no meaning beside `modules`. */
  readonly simd?: unknown;
}

/**
 * Returns the modules among the options, or undefined. TypeError names one that is missing, is no module or is another
 * module, and a name that no kernel has.
 */
export function modulesOf({ modules, simd }: GivenModules): Modules | undefined {
  if (modules === undefined) return undefined;
  if (simd !== undefined) throw new TypeError('"simd" contradicts "modules"');
  const { query, exact, scan } = knownOptions("modules", modules, KNOWN, "modules");
  return { query: checked("query", query), exact: checked("exact", exact), scan: checked("scan", scan) };
}

/** Returns the batch module among the options. TypeError if it is another module. */
export function batchModuleOf({ modules }: GivenModules): WebAssembly.Module | undefined {
  const batch = modules?.batch;
  return batch === undefined ? undefined : checked("batch", batch);
}

function checked(kernel: keyof Modules, module: unknown): WebAssembly.Module {
  let identity = "no kernel";
  try {
    const [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, IDENTITY_SECTION);
    if (section) identity = new TextDecoder().decode(section);
  } catch {} // not a module
  const expected = identityOf(kernel);
  if (identity.replace("-relaxed", "") === expected) return module as WebAssembly.Module;
  throw new TypeError(`"modules.${kernel}" expected that of midx/wasm/${kernel}.wasm, ${expected}, got ${identity}`);
}
