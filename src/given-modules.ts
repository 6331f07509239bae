import { IDENTITY_SECTION, identityOf } from "./kernel-identity.ts";
import type { Modules } from "./kernels.ts";
import type { LoadOptions } from "./load-options.ts";

/**
 * Compiled kernels, each a WebAssembly.Module of a file of `midx/wasm/` of the same version: for runtimes that compile no
 * bytes, or not those that the library carries.
 */
export interface KernelModules {
  /** Of `midx/wasm/query.wasm`. */
  readonly query: object;
  /** Of `midx/wasm/whole.wasm`. */
  readonly whole: object;
  /** Of `midx/wasm/scan.wasm`, or of `midx/wasm/scan-relaxed.wasm` where the runtime has relaxed SIMD. */
  readonly scan: object;
}

/** The files that a module may come from. */
const FILES = { query: ["query"], whole: ["whole"], scan: ["scan", "scan-relaxed"] } as const;

/** The modules that the options give, or none. TypeError names one that is missing, no module or another one. */
export function modulesOf({ modules, simd }: LoadOptions): Modules | undefined {
  if (modules === undefined) return undefined;
  if (typeof modules !== "object" || modules === null) {
    throw new TypeError(`"modules" expected { query, whole, scan }, got ${String(modules)}`);
  }
  if (simd !== undefined) {
    throw new TypeError(
      '"simd" and "modules" contradict each other: leave "simd" out and give the scan module you want',
    );
  }
  for (const name of Object.keys(modules)) {
    if (!Object.hasOwn(FILES, name))
      throw new TypeError(`"modules.${name}" is unknown: load takes query, whole and scan`);
  }
  const { query, whole, scan } = modules;
  return { query: checked("query", query), whole: checked("whole", whole), scan: checked("scan", scan) };
}

function checked(name: keyof Modules, module: unknown): WebAssembly.Module {
  const files = FILES[name].map((file) => `midx/wasm/${file}.wasm`).join(" or ");
  const expected = `"modules.${name}" expected a WebAssembly.Module of ${files}`;
  let section: ArrayBuffer | undefined;
  try {
    [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, IDENTITY_SECTION);
  } catch {
    throw new TypeError(`${expected}, got ${module === undefined ? "nothing" : typeof module}`);
  }
  const identity = section ? new TextDecoder().decode(section) : "a module that is none of midx";
  if (FILES[name].some((file) => identity === identityOf(file))) return module as WebAssembly.Module;
  throw new TypeError(`${expected}, of the library's own version (${identityOf(FILES[name][0])}), got ${identity}`);
}
