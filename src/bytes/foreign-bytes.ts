/** The first bytes of files in other formats, one character per byte, and the name of the format. */
export const FOREIGN = [
  ["PK\x03\x04", "zip", "a zip archive, such as .npz or a PyTorch checkpoint"],
  ["\x93NUMPY", "npy", "a NumPy array (.npy)"],
  ["GGUF", "gguf", "a GGUF model"],
  ["PAR1", "parquet", "a Parquet file"],
  ["\x1f\x8b", "gzip", "a gzip archive"],
  ["\x28\xb5\x2f\xfd", "zstd", "a Zstandard archive"],
  ["\x89PNG", "image", "a PNG image"],
  ["\xff\xd8\xff", "image", "a JPEG image"],
  ["\x89HDF", "hdf5", "an HDF5 file"],
  ["\x80\x02", "pickle", "a Python pickle"],
  ["\x80\x03", "pickle", "a Python pickle"],
  ["\x80\x04", "pickle", "a Python pickle"],
  ["\x80\x05", "pickle", "a Python pickle"],
  ["version ", "lfs", "a Git LFS pointer"],
  ["<!", "html", "a web page (HTML)"],
  ["<h", "html", "a web page (HTML)"],
  ["<H", "html", "a web page (HTML)"],
  ["<?", "html", "a web page (XML)"],
  ["{", "json", "JSON"],
  ["[", "json", "JSON"],
] as const;

export type ForeignKind = (typeof FOREIGN)[number][1] | "text";

/** Guesses the format of a file that is not a safetensors file from its first 8 or more bytes. */
export function looksLike(first: Uint8Array): readonly [kind: ForeignKind, description: string] | undefined {
  const start = String.fromCharCode(...first.subarray(0, 8));
  const found = FOREIGN.find(([signature]) => start.startsWith(signature));
  if (found) return [found[1], found[2]];
  return /^[\t\n\r -~]+$/.test(start) ? ["text", "plain text"] : undefined;
}
