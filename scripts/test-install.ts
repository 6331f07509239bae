// npm run test:install [-- --node 22] follows docs/deploy.md like a user who has only Node: in an empty folder, with an empty
// environment and home, the packed package, and the newest wrangler from npm. It runs on the newest Node of each supported
// major version, or on one of them. It needs the npm registry and no other network.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EXPECTATIONS } from "./install/expectations.ts";
import { type Block, readSections, type Section } from "./install/page.ts";
import { openTerminal, runToEnd, type Terminal } from "./install/processes.ts";
import { installNode, MAJORS } from "./install/toolchain.ts";
import { freePort } from "./server/free-port.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({ options: { node: { type: "string", multiple: true, default: MAJORS } } });
const scratch = mkdtempSync(join(tmpdir(), "midx-install-"));
try {
  const sections = readSections();
  if (process.env.MIDX_BUILT === undefined) await runToEnd("npm", ["run", "build"], { cwd: root });
  const packed = await runToEnd("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", scratch], {
    cwd: root,
  });
  for (const major of values.node) await walk(major, sections, join(scratch, packed.trim()));
  console.log(`${values.node.length} passed, 0 failed`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Follows the page on the newest Node of a major version. */
async function walk(major: string, sections: readonly Section[], tarball: string): Promise<void> {
  const home = join(scratch, major);
  const env = await installNode(major, home);
  const folder = join(home, "words");
  mkdirSync(folder);
  for (const file of ["head.safetensors", "words.txt"])
    cpSync(join(root, "examples/next-word", file), join(folder, file));
  const evaluate = (program: string) => runToEnd("node", ["--eval", program], { cwd: folder, env });
  console.log(`Node ${(await evaluate("console.log(process.version)")).trim()}`);
  const port = String(await portOfThePage());
  const url = `http://localhost:${port}/`;
  let terminal: Terminal | undefined;
  const run = async ({ text, ...block }: Block): Promise<string> => {
    if (block.kind === "file") {
      writeFileSync(join(folder, block.path), text);
      return "";
    }
    const script = text
      .replace("npm install midx\n", `npm install ${tarball}\n`)
      .replaceAll("localhost:8787", `localhost:${port}`);
    if (block.kind === "shell") return runToEnd("sh", ["-ec", script], { cwd: folder, env });
    await terminal?.interrupt();
    terminal = await openTerminal(script.replace("wrangler dev", `wrangler dev --port ${port}`), url, {
      cwd: folder,
      env,
    });
    return "";
  };
  try {
    for (const { title, blocks } of sections) {
      const expect = EXPECTATIONS[title.split(".")[0] ?? ""];
      if (!expect) throw new Error(`docs/deploy.md has a section without expectations: ${title}`);
      let printed = "";
      for (const block of blocks) printed += await run(block);
      await expect(printed, { folder, url, evaluate });
      console.log(`  ok ${title}`);
    }
  } finally {
    await terminal?.interrupt();
  }
}

/** Returns the port of the page, or another one if something on this machine listens there. */
async function portOfThePage(): Promise<number> {
  const isTaken = await fetch("http://localhost:8787/", { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    (error) => error.cause?.code !== "ECONNREFUSED",
  );
  return isTaken ? freePort() : 8787;
}
