// Compiles the C++ programs of native/ for this machine (-march=native), and one against Debian's faiss, a generic build:
//   apt-get install -y g++ cmake git libhnswlib-dev libfaiss-dev libopenblas-dev
//   npx node bench/peers/install-native.ts [--faiss=<git repository>]
// For the faiss of this machine it clones faiss's release and compiles it, which takes some ten minutes on two quiet cores. All
// stays in the folder midx-bench for temporary files. Programs that do not compile are left out.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nativePath } from "./folder.ts";

const FAISS = "1.15.0";
const NATIVE = ["-march=native"];
const BLAS = ["-llapack", "-lblas"];

const { values: flags } = parseArgs({
  options: { faiss: { type: "string", default: "https://github.com/facebookresearch/faiss" } },
});

mkdirSync(nativePath(""), { recursive: true });
for (const program of ["vnni", "softmax"]) compile(program, `${program}.cpp`, NATIVE, "bench/peers/native");
const hnswlib = `${versionOf("libhnswlib-dev")}, -march=native`;
compile("hnswlib", "hnswlib.cpp", NATIVE, hnswlib);
const generic = `${versionOf("libfaiss-dev")}, Debian's generic build`;
compile("faiss-generic", "faiss.cpp", ["-fopenmp", "-lfaiss", ...BLAS], generic);
const source = nativePath("faiss-source");
const library = faissLibrary();
if (library !== undefined) {
  const options = [...NATIVE, "-fopenmp", `-I${source}`, library, ...BLAS];
  compile("faiss", "faiss.cpp", options, `${FAISS}, -march=native`);
}

/** Compiles a program. Options stand behind the source, as libraries must. */
function compile(program: string, file: string, options: readonly string[], version: string): void {
  const path = fileURLToPath(new URL(`native/${file}`, import.meta.url));
  const isCompiled = runs("g++", ["-O3", "-std=c++20", path, "-o", nativePath(program), ...options]);
  if (isCompiled) writeFileSync(nativePath(`${program}.version`), version);
  console.log(`${program}: ${isCompiled ? "compiled" : "failed to compile"}, ${version}`);
}

/** Returns faiss's library for this machine, and compiles it unless an earlier call has. */
function faissLibrary(): string | undefined {
  const cpu = readFileSync("/proc/cpuinfo", "utf8");
  const level = ["avx512", "avx2"].find((name) => cpu.includes(name === "avx512" ? "avx512bw" : name)) ?? "generic";
  const target = level === "generic" ? "faiss" : `faiss_${level}`;
  const folder = nativePath("faiss-build");
  const made = `${folder}/faiss/lib${target}.a`;
  if (existsSync(made)) return made;
  rmSync(source, { recursive: true, force: true });
  const without = ["GPU", "PYTHON", "MKL", "EXTRAS"].map((part) => `-DFAISS_ENABLE_${part}=OFF`);
  const options = ["-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF", "-DCMAKE_CXX_FLAGS=-march=native"];
  const isMade =
    runs("git", ["-c", "advice.detachedHead=false", "clone", "--depth=1", `--branch=v${FAISS}`, flags.faiss, source]) &&
    runs("cmake", ["-S", source, "-B", folder, `-DFAISS_OPT_LEVEL=${level}`, ...without, ...options]) &&
    runs("cmake", ["--build", folder, "--target", target, "-j2"]);
  if (!isMade) console.log("faiss for this machine: failed to compile");
  return isMade ? made : undefined;
}

function runs(command: string, arguments_: readonly string[]): boolean {
  return spawnSync(command, arguments_, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/** Returns the version of one of Debian's packages, without Debian's revision. */
function versionOf(name: string): string {
  const { stdout } = spawnSync("dpkg-query", ["-W", `-f=\${Version}`, name], { encoding: "utf8" });
  return stdout?.split("-")[0] || "unknown";
}
