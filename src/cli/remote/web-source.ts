import { shownPath } from "./address.ts";
import type { RangeSource } from "./ranged-file.ts";
import type { Tries } from "./tries.ts";

/** The most redirects that are followed on one host. */
const MOST_REDIRECTS = 3;

/** A file of a web server. Redirects are followed on its own host only, since the user has named no other. */
export function webSource(url: URL, signal: AbortSignal, tries?: Tries): RangeSource {
  const shown = shownPath(url.href);
  return {
    shown,
    signal,
    tries,
    async send(init) {
      let at = url;
      for (let followed = 0; ; followed++) {
        const response = await fetch(at, init);
        const next = redirectOf(response, at);
        if (next === undefined || next.origin !== url.origin || followed === MOST_REDIRECTS) return response;
        response.body?.cancel().catch(() => {});
        at = next;
      }
    },
    async refusal(response) {
      const { status } = response;
      const next = redirectOf(response, url);
      const remedy = next ? redirectRemedy(next, url) : REMEDIES[status];
      return new Error(`${shown}: ${status}: ${remedy ?? "the server refused the request"}`);
    },
    beside: (name) => webSource(new URL(encodeURIComponent(name), url), signal, tries),
  };
}

function redirectOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get("location");
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, from.href)) return undefined;
  return new URL(location, from.href);
}

const redirectRemedy = ({ origin }: URL, url: URL): string =>
  origin === url.origin
    ? "it leads from one address to the next, without end"
    : `it leads to ${origin}, and midx asks no host that you did not name: pass the URL that it leads to, as curl -sI shows it`;

const REMEDIES: Readonly<Record<number, string>> = {
  401: "the server wants credentials: use a presigned URL or s3://",
  403: "the server does not allow it: a presigned URL may be too old",
  404: "there is no such file: correct the URL",
  410: "the file is gone",
};
