import type { Context, Hono } from "hono";
import * as v from "valibot";
import type { SetToLog } from "../../src/changes/index.ts";
import { isObject } from "../../src/internal.ts";
import { deleteByIdsSchema, MAX_CHANGED, MAX_CHANGES_BYTES } from "../contract/live-requests.ts";
import { objectMessage, wrong } from "../contract/messages.ts";
import { Problem } from "../contract/problem.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { readJson, readMessages, readSearch, utf8Text } from "../request/body.ts";
import { invalidField, kindOf } from "../request/invalid-field.ts";
import { refuseRounded } from "../request/rounded-integers.ts";
import { envelope } from "../vectorize/envelope.ts";
import { INDEX_PATH } from "../vectorize/routes.ts";
import { append, type Taken, type WritingHost } from "./append.ts";
import { type NameOf, readClasses, readLabels } from "./given-changes.ts";
import { mutationIdOf, writeRoute } from "./write-routes.ts";

const NDJSON = "application/x-ndjson";
const MULTIPART = /^multipart\/form-data\s*;/i;
const FIELDS = ["id", "values", "metadata", "namespace"];

/** The query string of insert and upsert: whether lines that are not valid JSON are an error, or are skipped. */
const searchSchema = v.strictObject(
  {
    "unparsable-behavior": v.exactOptional(v.picklist(["error", "discard"], wrong('"error" or "discard"')), "error"),
  },
  objectMessage,
);

/** The fields of a vector whose names are not those of lists. */
const FIELD_OF: Readonly<Record<string, string>> = { labels: "id", rows: "values", namespaces: "namespace" };

/** The names of vectors one below the other. */
const inLines: NameOf = (list, i) => `vectors[${i}].${FIELD_OF[list] ?? list}`;

/** Vectorize's insert, upsert and delete_by_ids, which write to the same log. */
export function vectorizeWrites(app: Hono, writing: WritingHost): void {
  for (const operation of ["insert", "upsert"] as const) {
    writeRoute(app, `${INDEX_PATH}/${operation}`, writing, async (c) => {
      const skipsUnparsable = readSearch(c, searchSchema)["unparsable-behavior"] === "discard";
      const vectors = vectorsIn(await linesOf(c), skipsUnparsable);
      const setOf = (index: ServedIndex): SetToLog => {
        const upserts = upsertsOf(vectors, index);
        return { upserts: operation === "upsert" ? inFull(upserts) : upserts };
      };
      const takenOf = operation === "insert" ? newOnes : undefined;
      return envelope(c, { mutationId: mutationIdOf(await append(c, writing, setOf, inLines, takenOf)) });
    });
  }
  writeRoute(app, `${INDEX_PATH}/delete_by_ids`, writing, async (c) => {
    const { ids } = (await readJson(c, deleteByIdsSchema, MAX_CHANGES_BYTES)).fields;
    const nameOf: NameOf = (_, i) => `ids[${i}]`;
    const removals = readLabels(ids, nameOf, "ids");
    return envelope(c, { mutationId: mutationIdOf(await append(c, writing, () => ({ removals }), nameOf)) });
  });
}

/** A body of lines, as such or as the one file of a form. */
async function linesOf(c: Context): Promise<string> {
  const type = c.req.header("content-type") ?? "";
  const isForm = MULTIPART.test(type);
  if (!isForm && type.split(";")[0]?.trim().toLowerCase() !== NDJSON) {
    throw new Problem(
      "unsupported_media_type",
      `content-type expected ${NDJSON} or multipart/form-data, got ${type || "none"}`,
    );
  }
  const bytes = await readMessages(c, type, MAX_CHANGES_BYTES);
  const text = utf8Text(bytes); // of a form too, whose parts would be decoded without a check
  if (!isForm) return text;
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData().catch(() => undefined);
  const [file, ...others] = form ? [...form.values()] : [];
  if (file === undefined || others.length > 0) {
    throw new Problem(
      "invalid_field",
      `body expected a form with one file, got ${others.length + Number(file !== undefined)}`,
    );
  }
  return typeof file === "string" ? file : file.text();
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Parses lines. It stops at the first that is too many: a body has room for millions, and each that is not valid JSON costs an
 * error.
 */
function vectorsIn(text: string, skipsUnparsable: boolean): readonly Line[] {
  const vectors: Line[] = [];
  let skipped = 0;
  for (const [line, number] of linesIn(text)) {
    const vector = parsed(line);
    if (vector === undefined) {
      if (!skipsUnparsable) throw new Problem("invalid_json", `line ${number} of the body is not valid JSON`);
      if (++skipped <= MAX_CHANGED) continue;
      throw new Problem("invalid_json", `more than ${MAX_CHANGED} lines of the body are not valid JSON`);
    }
    if (vectors.length === MAX_CHANGED) throw invalidField("vectors", `1 to ${MAX_CHANGED} of them, got more`);
    vectors.push(vectorOf(vector, `vectors[${vectors.length}]`, line));
  }
  return vectors;
}

/** The lines of a text that are not blank, with their numbers. */
function* linesIn(text: string): Generator<readonly [line: string, number: number]> {
  for (let [begin, number] = [0, 1]; begin < text.length; number++) {
    const found = text.indexOf("\n", begin);
    const end = found < 0 ? text.length : found;
    const line = text.slice(begin, end);
    if (line.trim() !== "") yield [line, number];
    begin = end + 1;
  }
}

/** The value of a line, undefined if it is not valid JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function vectorOf(value: unknown, name: string, line: string): Line {
  if (!isObject(value)) throw invalidField(name, `an object, got ${kindOf(value)}`);
  refuseRounded({ [`${name}.metadata`]: value.metadata }, line);
  const unknown = Object.keys(value).find((field) => !FIELDS.includes(field));
  if (unknown === undefined) return value;
  throw invalidField(name, `${FIELDS.join(", ")}, got ${JSON.stringify(unknown.slice(0, 64))}`);
}

type Upserts = NonNullable<SetToLog["upserts"]>;

function upsertsOf(vectors: readonly Line[], { info }: ServedIndex): Upserts {
  if (info.hasBias) {
    throw invalidField("vectors", "an index without biases, got one with them: use /v1/upsert");
  }
  const list = (name: string): unknown[] => vectors.map((vector) => vector[name]);
  const given = { labels: list("id"), rows: list("values"), metadata: list("metadata"), namespaces: list("namespace") };
  return readClasses(given, info.dim, inLines, "vectors");
}

/** Vectorize's upsert replaces a vector in full, so a class that is given no metadata keeps none that it had. */
const inFull = (upserts: Upserts): Upserts => ({
  ...upserts,
  metadata: upserts.labels.map((_, i) => upserts.metadata?.[i] ?? {}),
});

/** The vectors of ids that the index lacks, each once: an insert changes no class that exists. */
function newOnes({ upserts }: SetToLog, index: ServedIndex, isPresent: (label: string) => boolean): Taken {
  const { labels, rows, metadata } = upserts as Upserts;
  const seen = new Set<string>();
  const kept = labels.flatMap((label, i) => {
    if (seen.has(label) || isPresent(label)) return [];
    seen.add(label);
    return [i];
  });
  const { dim } = index.info;
  const own = new Float32Array(kept.length * dim);
  for (const [at, i] of kept.entries()) own.set((rows as Float32Array).subarray(i * dim, (i + 1) * dim), at * dim);
  const taken = {
    labels: kept.map((i) => labels[i] as string),
    rows: own,
    ...(metadata && { metadata: kept.map((i) => metadata[i] ?? null) }),
  };
  return { set: { upserts: taken }, places: kept };
}
