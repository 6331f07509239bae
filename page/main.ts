import type { MultiIndex } from "../src/index.ts";
import { byId, make } from "./elements.ts";
import { type Examples, readExamples } from "./examples.ts";
import { askForToken, clearNotice, failure, showWaiting, wantsToken } from "./notice.ts";
import { count, megabytes } from "./numbers.ts";
import { querySection } from "./query/query-section.ts";
import { SamplingSection } from "./sampling/sampling-section.ts";
import { loadServedIndex } from "./served-index.ts";
import { type ServedInfo, Server } from "./server.ts";
import { type Opened, requireOpened, showEffort, showTop } from "./top/top-section.ts";
import { WritingSection } from "./writing/writing-section.ts";

const K = 10;
const server = new Server();
const notice = byId("notice", HTMLElement);

await open();

/** Loads the index and shows the first answer. A failure offers to try again. */
async function open(): Promise<void> {
  try {
    showWaiting("Loading …");
    server.comeAnew(); // the server does not send the file of a canary, which may not answer another client
    const info = await server.info();
    showFacts(info);
    showWaiting(`Loading the index, ${megabytes(info.fileBytes)} …`);
    const [index, examples] = await Promise.all([loadServedIndex(server, info), readExamples(server, info.dim)]);
    clearNotice();
    byId("workbench", HTMLElement).hidden = false;
    work({ index, nameOf: namesOf(index, examples), version: info.version }, examples);
  } catch (error) {
    explain(notice, error, open);
  }
}

function showFacts(info: ServedInfo): void {
  const facts = [
    ["classes", count(info.itemCount)],
    ["dimensions", count(info.dim)],
    ["index", info.factory],
    ["version", info.version],
    ["file", megabytes(info.fileBytes)],
    ["in memory", megabytes(info.memoryBytes)],
  ] as const;
  byId("facts", HTMLElement).replaceChildren(
    ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}

/** Answers queries, and repeats the current one for a new seed. */
function work(opened: Opened, examples: Examples | undefined): void {
  const { index, nameOf } = opened;
  const top = byId("top", HTMLElement);
  let [query, seed, latest]: [Float32Array, number, number] = [new Float32Array(), 1, 0];
  const sampling = new SamplingSection(index, nameOf, () => sampling.show(query, seed));
  const predict = async (): Promise<void> => {
    const [request, turn] = [{ query, k: K, seed }, ++latest];
    top.ariaBusy = "true";
    try {
      const served = await server.predict({ vector: query, k: K, seed });
      if (turn !== latest) return;
      requireOpened(opened, served);
      byId("top-error", HTMLElement).replaceChildren();
      top.hidden = false;
      showTop(opened, request, served);
      await showEffort(opened, request, served, () => turn === latest);
      if (turn !== latest) return;
    } catch (error) {
      if (turn !== latest) return;
      top.hidden = true;
      explain(byId("top-error", HTMLElement), error, predict);
    }
    top.ariaBusy = "false";
  };
  const answer = (): void => {
    byId("seed", HTMLOutputElement).value = String(seed);
    predict();
    sampling.show(query, seed);
  };
  byId("new-seed", HTMLButtonElement).onclick = () => {
    [seed = 1] = crypto.getRandomValues(new Uint32Array(1));
    answer();
  };
  const writing = new WritingSection(index);
  querySection(index.info.dim, examples, (next, context) => {
    query = next;
    if (context !== undefined) writing.offer(context);
    answer();
  });
}

/** Names classes by the labels of the index, by the words of the examples, or by id. */
function namesOf(index: MultiIndex, examples: Examples | undefined): (id: number) => string {
  if (index.info.hasLabels) return (id) => index.labels([id])[0] as string;
  return (id) => examples?.words?.[id] ?? `#${id}`;
}

function explain(place: HTMLElement, error: unknown, retry: () => void): void {
  if (!wantsToken(error)) {
    place.replaceChildren(failure(error, retry));
    return;
  }
  place.replaceChildren();
  askForToken(server.hasToken ? "The server does not know this token." : "", (token) => {
    server.authorise(token);
    retry();
  });
}
