import { shown } from "../checks/check.ts";
import { fault } from "./fields.ts";

/** The place of a part: a file or its pointer, beside the manifest or in a folder there. It has one of them. */
export interface PartPlace {
  /** An index file, such as "part-0000-3f5a0c1d2e4b.midx". */
  readonly file?: string;
  /** The pointer to the index file, such as "versions/3f5a0c1d2e4b.json". */
  readonly pointer?: string;
}

/** The places that a reader trusts because somebody other than the manifest named them. */
export interface TrustedPlaces {
  /** The hosts from which parts may be read. Default: none, a place is a relative name. */
  readonly hosts?: readonly string[];
  /** The name of the manifest itself, in its folder. A part must have another one. */
  readonly itself?: string;
}

/** No name has "..", begins with a dot, a slash or a scheme, or has characters that a URL or a shell would interpret. */
const RELATIVE = /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,127}\/){0,3}[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const ENDINGS = { file: ".midx", pointer: ".json" } as const;

/** Reads the place of a part, which comes from outside. No part may lead back to the manifest or away from its host. */
export function placeIn(part: Readonly<Record<string, unknown>>, at: string, trusted: TrustedPlaces): PartPlace {
  const { file, pointer } = part;
  if ((file === undefined) === (pointer === undefined)) {
    throw fault(`"${at}" expected either "file" or "pointer", got ${file === undefined ? "neither" : "both"}`);
  }
  return file === undefined
    ? { pointer: checkedPlace(pointer, `${at}.pointer`, ENDINGS.pointer, trusted) }
    : { file: checkedPlace(file, `${at}.file`, ENDINGS.file, trusted) };
}

function checkedPlace(value: unknown, field: string, ending: string, { hosts = [], itself }: TrustedPlaces): string {
  const expected = `"${field}" expected a relative name that ends in "${ending}"`;
  if (typeof value !== "string" || !value.endsWith(ending)) throw fault(`${expected}, got ${shown(value)}`);
  if (value === itself) throw fault(`"${field}" expected a part, got the manifest itself: name an index file`);
  if (RELATIVE.test(value)) return value;
  if (hosts.length === 0) throw fault(`${expected}, got ${shown(value)}`);
  if (isOnHost(value, hosts)) return value;
  throw fault(`${expected} or a https URL of ${hosts.join(", ")}, got ${shown(value)}: allow its host if you trust it`);
}

/** Returns whether a URL is exactly what it looks like, on one of the hosts. */
function isOnHost(text: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, host, pathname } = new URL(text);
  return hosts.includes(host) && protocol === "https:" && text === `https://${host}${pathname}`;
}
