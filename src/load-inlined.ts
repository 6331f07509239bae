import { batchesWith } from "./batch/batches.ts";
import type { IndexSource } from "./bytes/byte-source.ts";
import { loadWith } from "./index/load.ts";
import type { MultiIndex } from "./index/multi-index.ts";
import { compileInlined } from "./memory/compile-inlined.ts";
import { type LoadOptions, limitsOf, loadOptions, simdOf } from "./memory/load-options.ts";
import { batchModuleOf, modulesOf } from "./memory/precompiled-modules.ts";
import { threadsOf } from "./memory/threads.ts";

/**
 * Loads an index file. The file is copied once into WebAssembly memory of its own, and every byte of it is validated.
 *
 * @param source bytes in memory, a Blob, a stream of bytes, or the answer of `fetch`
 * @param options limits of later calls, and the kernels to use
 * @returns the index, which owns its memory until `dispose`
 * @throws FormatError for a file that is damaged, cut short or not an index
 * @throws RangeError for an index that needs more memory than `maxBytes`
 * @throws TypeError for another kind of source, a response with a status other than 2xx, an unknown option and other
 *   modules
 *
 * @example
 * const index = await load(await fetch("https://example.com/words.midx"), { maxK: 100 });
 */
export async function load(source: IndexSource, options: LoadOptions = {}): Promise<MultiIndex> {
  const checked = loadOptions(options);
  const threads = threadsOf(checked);
  if (threads) {
    return threads.load({
      maxBytes: limitsOf(checked).maxBytes,
      compile: (change) => compileInlined(simdOf(checked), change),
      open: (modules, batches) => loadWith(modules, source, checked, batches),
    });
  }
  const given = modulesOf(checked);
  const modules = given ? { ...given, batch: batchModuleOf(checked) } : await compileInlined(simdOf(checked));
  return loadWith(modules, source, checked, batchesWith(modules.batch));
}
