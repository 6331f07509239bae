import { knownOptions } from "../checks/known-options.ts";
import { IDENTITY_SECTION, identityOf } from "../memory/kernel-identity.ts";

/** Options of `openEncoder`. */
export interface EncoderOptions {
  /** The compiled module of `midx/wasm/encoder.wasm`, of the version of the library. Default: the library's own. */
  readonly module?: object;
}

/** Returns the module among the options, or undefined. Throws a TypeError if it is another module. */
export function moduleOf(options: EncoderOptions): WebAssembly.Module | undefined {
  const { module } = knownOptions("openEncoder", options, ["module"]);
  if (module === undefined) return undefined;
  let identity = "no kernel";
  try {
    const [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, IDENTITY_SECTION);
    if (section) identity = new TextDecoder().decode(section);
  } catch {} // not a module
  const expected = identityOf("encoder");
  if (identity === expected) return module as WebAssembly.Module;
  throw new TypeError(`"module" expected that of midx/wasm/encoder.wasm, ${expected}, got ${identity}`);
}
