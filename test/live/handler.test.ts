import { expect, test } from "vitest";
import { hasEncoder, openEncoder } from "../../src/encoder/index.ts";
import { logInSegments } from "../../worker/live/log-in-segments.ts";
import { sequencesOf } from "../../worker/live/sequences-of.ts";
import { createLiveWorker } from "../../worker/live.ts";
import { createLiveHandler } from "../../worker/live-handler.ts";
import { sequenceIndex } from "../sequences/sequence-index.ts";
import { catalogue, digestOf, rowOf, WRITER } from "./live-service.ts";
import { memorySegments } from "./log/memory-segments.ts";

interface Env {
  readonly file: Uint8Array<ArrayBuffer>;
}

async function post(
  handler: ReturnType<typeof createLiveHandler<Env>>,
  env: Env,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  const request = new Request(`http://midx${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const response = await handler.fetch(request, env);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

test("handlers of two processes follow one log in segments, without a Worker's context", async () => {
  const store = memorySegments();
  const file = (await catalogue()) as Uint8Array<ArrayBuffer>;
  const handlers = [0, 1].map(() =>
    createLiveHandler((env: Env) => env.file, {
      log: () => logInSegments(store, "words/log/"),
      writeTokens: [digestOf(WRITER)],
    }),
  ) as [ReturnType<typeof createLiveHandler<Env>>, ReturnType<typeof createLiveHandler<Env>>];
  const row = rowOf(9).map((value) => 3 * value);
  for (const [i, handler] of handlers.entries()) {
    const upsert = { labels: [`new ${i}`], rows: [row.map((value) => (1 + i / 10) * value)] };
    expect((await post(handler, { file }, "/v1/upsert", upsert)).sequence).toBe(i + 1);
  }
  for (const handler of handlers) {
    const asked = { vector: row, k: 2, exact: true, minMutation: 2 };
    expect(await post(handler, { file }, "/v1/predict", asked)).toMatchObject({ labels: ["new 1", "new 0"] });
  }
});

test("a handler takes sequences where it is told how to open an encoder", async () => {
  const log = () => logInSegments(memorySegments(), "");
  const sequences = sequencesOf({ hasEncoder, openEncoder });
  const handler = createLiveHandler((env: Env) => env.file, { log, sequences });
  const file = (await sequenceIndex()) as Uint8Array<ArrayBuffer>;
  const asked = { k: 2, seed: 1, minMutation: 0 };
  const { vector } = await post(handler, { file }, "/v1/encode", { sequence: ["alpha", "beta"] });
  const [bySequence, byVector] = [
    await post(handler, { file }, "/v1/predict", { ...asked, sequence: ["alpha", "beta"] }),
    await post(handler, { file }, "/v1/predict", { ...asked, vector }),
  ];
  expect({ ...bySequence, requestId: "" }).toEqual({ ...byVector, requestId: "" });
});

test.each([undefined, null, "words.midx", { body: "an object of a bucket" }])(
  "says what it expected in place of %o",
  async (source) => {
    const log = () => logInSegments(memorySegments(), "");
    const response = await createLiveHandler(() => source as never, { log }).fetch(
      new Request("http://midx/readyz"),
      {},
    );
    const { detail } = (await response.json()) as { readonly detail: string };
    expect([response.status, detail]).toEqual([
      503,
      expect.stringContaining('"source" expected an ArrayBuffer, view,'),
    ]);
  },
);

test("an option that is none is refused when the handler is made", () => {
  const log = () => logInSegments(memorySegments(), "");
  expect(() =>
    createLiveHandler(() => new Uint8Array(), { log, writers: [] } as object as { log: typeof log }),
  ).toThrow('"writers" is not an option of the service');
  expect(() => createLiveHandler(() => new Uint8Array(), { log, deltaSeconds: 0 })).toThrow('"deltaSeconds" expected');
  const message = '"sequences" expected sequencesOf({ hasEncoder, openEncoder }), got another object';
  const sequences = { hasEncoder, openEncoder };
  expect(() => createLiveHandler(() => new Uint8Array(), { log, sequences })).toThrow(message);
  expect(() => createLiveWorker(sequences)).toThrow(message);
});
