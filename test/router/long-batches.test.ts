import { expect, test } from "vitest";
import { decodeQuestion, encodeAnswer, type Question } from "../../src/parts/index.ts";
import { inBodies, joinMessages, splitMessages } from "../../worker/parts/frames.ts";
import { MAX_MESSAGES_BYTES, MESSAGES_TYPE } from "../../worker/parts/protocol.ts";
import { Gate } from "../../worker/router/gate.ts";
import { PartClient } from "../../worker/router/part-client.ts";
import { MetricsByPart } from "../../worker/router/part-metrics.ts";

const PARTS = { numbers: [0], place: 0, generation: "0".repeat(64), replicas: 1 };
const ASKING = { deadlineMs: 60_000, hedgeMs: 5, gate: new Gate(1) };

/** The bitmap of a part of this many classes. Each question of a batch carries it. */
const allowing = (classes: number, queries: number): Question[] => {
  const allow = { bitmap: new Uint8Array(classes / 8) };
  const ids = new Int32Array(0);
  const asked = (size: number): Question => ({
    call: "topK",
    query: new Float32Array(4),
    size,
    ids,
    options: { allow },
  });
  return Array.from({ length: queries }, (_, i) => asked(i + 1));
};

/** A host that answers each question with the number of classes that it asks for, as the number of scored classes. */
async function answered(questions: readonly Question[]) {
  const lengths: number[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const body = new Uint8Array(await request.arrayBuffer());
    lengths.push(body.byteLength);
    const answers = splitMessages(body, 100).map((message) => {
      const { call, size: scored } = decodeQuestion(message);
      const top = { ids: new Int32Array(0), scores: new Float32Array(0), exact: false };
      return encodeAnswer({ call, parts: [0], generation: PARTS.generation, queryHash: 0n, scored, top });
    });
    return new Response(joinMessages(answers), { headers: { "content-type": MESSAGES_TYPE } });
  };
  const client = new PartClient(PARTS, () => [{ fetch }], new MetricsByPart().of([0]));
  const answers = await client.answer(questions, ASKING);
  return { lengths, scored: answers.map(({ scored }) => scored) };
}

test("a batch that is too long for one body is asked in several, and answered in its order", async () => {
  const { lengths, scored } = await answered(allowing(4_000_000, 40));
  expect(lengths).toHaveLength(2);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(MAX_MESSAGES_BYTES);
  expect(scored).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});

test("a batch that fits is one body", async () => {
  expect((await answered(allowing(1_000_000, 100))).lengths).toHaveLength(1);
});

test("messages fill bodies up to their last byte", () => {
  const messages = [6, 6, 5, 16, 30, 1].map((length) => new Uint8Array(length));
  const lengths = inBodies(messages, 20).map((body) => joinMessages(body).byteLength);
  expect(lengths).toEqual([20, 9, 20, 34, 5]);
});
