import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "./processes.ts";

/** The major version of npm that comes with each Node. */
const NPM: Readonly<Record<string, string>> = { "20": "10", "22": "10", "24": "11", "26": "11" };

export const MAJORS = Object.keys(NPM);

/** The environment variables for access to the registry. No others are passed on. */
const NETWORK = /^(https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file)$/i;

/**
 * Installs Node and npm from the npm registry into `folder`: the newest Node of a major version and the npm that comes with
 * it. Returns the environment of a user who has only these, the programs of the system, and a new home folder.
 */
export async function installNode(major: string, folder: string): Promise<Record<string, string>> {
  const npm = NPM[major];
  if (npm === undefined) throw new RangeError(`"--node" expected one of ${MAJORS.join(", ")}, got ${major}`);
  const [tools, bin, home] = ["tools", "bin", "home"].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [tools, bin, home]) mkdirSync(path, { recursive: true });
  writeFileSync(join(tools, "package.json"), '{ "private": true }');
  const packages = [`node@npm:node-${process.platform}-${process.arch}@${major}`, `npm@npm:npm@${npm}`];
  const quiet = ["--no-audit", "--no-fund", "--loglevel", "error"];
  await runToEnd("npm", ["install", ...quiet, ...packages], { cwd: tools });
  const modules = join(tools, "node_modules");
  symlinkSync(join(modules, "node/bin/node"), join(bin, "node"));
  for (const name of ["npm", "npx"]) symlinkSync(join(modules, `npm/bin/${name}-cli.js`), join(bin, name));
  const network = Object.entries(process.env).filter(([name]) => NETWORK.test(name)) as [string, string][];
  return {
    ...(await machineAuthorities()),
    ...Object.fromEntries(network),
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
  };
}

/** Returns the certificates that the machine's own npm trusts, if its configuration names a file. */
async function machineAuthorities(): Promise<Record<string, string>> {
  const path = (await runToEnd("npm", ["config", "get", "cafile"], {})).trim();
  return path === "" || path === "null" ? {} : { NODE_EXTRA_CA_CERTS: path };
}
