import { refuseRenamed } from "../checks/known-options.ts";
import { IDENTITY_SECTION, identityOf } from "./kernel-identity.ts";
import type { Modules } from "./kernels.ts";

/**
 * Compiled kernels, each a WebAssembly.Module of a file of `midx/wasm/` of the same version: for runtimes that compile no
 * bytes, or not those that the library carries.
 */
export interface KernelModules {
  /** Of `midx/wasm/query.wasm`. */
  readonly query: object;
  /** Of `midx/wasm/exact.wasm`. */
  readonly exact: object;
  /** Of `midx/wasm/scan.wasm`, or of `midx/wasm/scan-relaxed.wasm` where the runtime has relaxed SIMD. */
  readonly scan: object;
}

interface GivenModules {
  readonly modules?: KernelModules;
  /** Which instructions the library's own kernels may use, so it goes without `modules`. */
  readonly simd?: unknown;
}

/** The modules that the options give, or none. TypeError names one that is missing, no module or another one. */
export function modulesOf({ modules, simd }: GivenModules): Modules | undefined {
  if (modules === undefined) return undefined;
  if (simd !== undefined) throw new TypeError('"simd" contradicts "modules"');
  const { query, exact, scan } = Object(modules) as Partial<KernelModules>;
  if (exact === undefined && Object.hasOwn(Object(modules), "whole")) refuseRenamed("modules", "whole");
  return { query: checked("query", query), exact: checked("exact", exact), scan: checked("scan", scan) };
}

function checked(kernel: keyof Modules, module: unknown): WebAssembly.Module {
  let identity = "no kernel";
  try {
    const [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, IDENTITY_SECTION);
    if (section) identity = new TextDecoder().decode(section);
  } catch {} // what is no module has no sections
  const expected = identityOf(kernel);
  if (identity.replace("-relaxed", "") === expected) return module as WebAssembly.Module;
  throw new TypeError(`"modules.${kernel}" expected that of midx/wasm/${kernel}.wasm, ${expected}, got ${identity}`);
}
