/**
 * Calls a midx service over HTTP, with nothing but `fetch`. {@link createClient} returns a client with the methods of
 * the service, and {@link createVectorizeBinding} one with the methods of Workers' Vectorize binding. Failures are
 * {@link MidxError}s.
 *
 * @module
 */

export { type ClientOptions, MidxError } from "./client/call.ts";
export type { CallOptions, QueryOptions } from "./client/calls/call-options.ts";
export type { Mutation, UpsertedClasses, WriteOptions } from "./client/calls/change-calls.ts";
export type { Client } from "./client/client.ts";
export { createClient } from "./client/create-client.ts";
export type { Query, Vector } from "./client/request-of.ts";
export type { EncodedSequence, SequenceQuery, SequenceState } from "./client/sequences.ts";
export * from "./client/vectorize-binding.ts";
export type * from "./contract/wire.ts";
