import { jsonLines, midx, type Outcome } from "../run.ts";

/** Serves on a free port until `use` is done with the URL, and returns the outcome of the command. */
export async function serving(
  argv: readonly string[],
  use: (url: string) => Promise<void>,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const controller = new AbortController();
  let started: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    started = resolve;
  });
  const onStdout = (text: string) => started(String(jsonLines(text)[0]?.url));
  const outcome = midx(["serve", ...argv, "--port", "0", "--json"], { signal: controller.signal, onStdout, env });
  const failed = outcome.then(({ stderr }) => Promise.reject(new Error(stderr)));
  try {
    await use(await Promise.race([url, failed]));
  } finally {
    failed.catch(() => undefined);
    controller.abort();
  }
  return outcome;
}
