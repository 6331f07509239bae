import { FormatError } from "../../bytes/format-error.ts";

export interface NpyHeader {
  /** The type in NumPy's notation: byte order, kind and size, such as `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/**
 * Parses the header of an .npy file, a Python literal such as
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 *
 * It matches the literal token by token and never evaluates it. `offset` is the byte of the file where `text` begins.
 *
 * @throws FormatError npy-header, or npy-dtype for a structured type
 */
export function parseNpyHeader(text: string, offset: number): NpyHeader {
  let at = 0;
  const fail = (code: string, message: string): never => {
    throw new FormatError(code, offset + at, message);
  };
  /** Consumes the next token if it matches, and the white space after it. */
  const take = (token: RegExp): string | undefined => {
    const [match] = new RegExp(`^(?:${token.source})`).exec(text.slice(at)) ?? [];
    if (match === undefined) return undefined;
    at += match.length;
    at += /^[ \n]*/.exec(text.slice(at))?.[0].length ?? 0;
    return match;
  };
  const need = (token: RegExp, what: string): string =>
    take(token) ?? fail("npy-header", `the header expected ${what} here`);
  const needString = (what: string): string => need(/'[^'\\\n]*'|"[^"\\\n]*"/, what).slice(1, -1);

  const readShape = (): number[] => {
    const shape: number[] = [];
    need(/\(/, "the shape, a tuple");
    while (take(/\)/) === undefined) {
      shape.push(Number(need(/0|[1-9][0-9]{0,15}/, "a size")));
      const comma = take(/,/);
      if (comma === undefined) {
        if (shape.length === 1) fail("npy-header", "a tuple of one element needs a comma");
        need(/\)/, '")"');
        break;
      }
    }
    return shape;
  };
  const readDescr = (): string =>
    take(/\[/) ? fail("npy-dtype", "a structured type is not a number") : needString("a type");

  const fields: { descr?: string; fortranOrder?: boolean; shape?: number[] } = {};
  need(/\{/, '"{"');
  while (take(/\}/) === undefined) {
    const key = needString("a key");
    need(/:/, '":"');
    if (key === "descr" && fields.descr === undefined) fields.descr = readDescr();
    else if (key === "shape" && fields.shape === undefined) fields.shape = readShape();
    else if (key === "fortran_order" && fields.fortranOrder === undefined) {
      fields.fortranOrder = need(/True|False/, "True or False") === "True";
    } else fail("npy-header", `the key ${JSON.stringify(key.slice(0, 64))} is unknown or occurs twice`);
    if (take(/,/) === undefined) {
      need(/\}/, '"}"');
      break;
    }
  }
  if (at !== text.length) fail("npy-header", "text follows the header's literal");
  const { descr, fortranOrder, shape } = fields;
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    return fail("npy-header", "the header needs descr, fortran_order and shape");
  }
  return { descr, fortranOrder, shape };
}
