import type { PutCondition } from "../../publication/segments/segment-store.ts";

/** 412: the condition does not hold. 409: another write of the key is in progress. */
export const CONFLICTS: ReadonlySet<number> = new Set([409, 412]);

export function conditionHeaders(condition: PutCondition | undefined): Record<string, string> {
  if (condition === undefined) return {};
  return condition === "absent" ? { "if-none-match": "*" } : { "if-match": condition.etag };
}

/** Returns the etag. A proxy that compresses the answer makes the etag weak, which would match nothing. */
export function etagOf({ headers }: Response, place: string): string {
  const etag = headers.get("etag");
  if (etag === null) throw new Error(`${place}: the answer has no etag`);
  return etag.replace(/^W\//, "");
}

/** Returns the error code in the XML answer of S3. The rest of the answer may repeat the request. */
export const codeIn = (xml: string): string => /<Code>(\w{1,64})<\/Code>/.exec(xml)?.[1] ?? "";

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
};

/** Returns the texts of all elements with a name in the XML answer of S3. */
export const textsOf = (xml: string, name: string): string[] =>
  Array.from(xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g")), ([, text = ""]) =>
    text.replace(/&(?:\w+|#\d+|#x[\dA-Fa-f]+);/g, (entity) => ENTITIES[entity] ?? characterOf(entity)),
  );

/** Returns the character of an entity with its number, such as &#39; or &#x27;, and other entities as they are. */
function characterOf(entity: string): string {
  const [, hex, digits] = /^&#(?:x([\dA-Fa-f]{1,6})|(\d{1,7}));$/.exec(entity) ?? [];
  const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}
