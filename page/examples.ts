import { jsonOf, type Server, ServerError } from "./server.ts";

/** Queries to choose from, with their contexts. */
export interface Examples {
  readonly contexts: readonly string[];
  /** A name for each class, for an index without labels. */
  readonly words?: readonly string[];
  /** Rows of `dim` values, one for each context. */
  readonly queries: Float32Array;
}

interface ExamplesFile {
  readonly contexts: readonly string[];
  readonly words?: readonly string[];
  /** The name of the file of the queries. */
  readonly queries: string;
}

/** Reads /page/examples.json. Returns undefined if there is none. Queries are little-endian f32. */
export async function readExamples(server: Server, dim: number): Promise<Examples | undefined> {
  const description = await optional(server.request("/page/examples.json"));
  if (description === undefined) return undefined;
  const { contexts, words, queries: file } = await jsonOf<ExamplesFile>(description);
  const bytes = await (await server.request(`/page/${file}`)).arrayBuffer();
  if (bytes.byteLength !== contexts.length * dim * 4) {
    throw new RangeError(`"${file}" expected ${contexts.length} × ${dim} f32, got ${bytes.byteLength} bytes`);
  }
  const view = new DataView(bytes);
  const queries = Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
  return { contexts, queries, ...(words && { words }) };
}

/** Returns undefined for 404 and for 204 (no content). */
async function optional(request: Promise<Response>): Promise<Response | undefined> {
  try {
    const response = await request;
    return response.status === 204 ? undefined : response;
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) return undefined;
    throw error;
  }
}
