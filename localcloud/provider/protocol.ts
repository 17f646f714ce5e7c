// Between gRPC messages and the provider's operations: answers, check failures, detailed diffs and errors as the engine reads them.
import { Metadata, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import type { CheckFailure } from "./descriptor.js";
import type { ChangeKind, ResourceDiff } from "./diff.js";
import { explain, OperationError } from "./errors.js";
import { rootOf } from "./paths.js";
import { anys } from "./protobuf.js";
import { encode, type Values } from "./wire.js";

/** A failure that a call answers with, instead of a message. */
export class CallError extends Error {
  constructor(
    readonly code: status,
    message: string,
    readonly metadata?: Metadata,
  ) {
    super(message);
    this.name = "CallError";
  }
}

/** A gRPC method from a function of request and peer. */
export function unary<Request, Answer>(handle: (request: Request, peer: string) => Promise<Answer> | Answer) {
  return async (call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) => {
    try {
      callback(null, await handle(call.request, call.getPeer()));
    } catch (error) {
      const { code, metadata } = error instanceof CallError ? error : { code: status.UNKNOWN, metadata: undefined };
      callback({
        code,
        details: error instanceof CallError || error instanceof OperationError ? error.message : explain(error),
        metadata,
      });
    }
  };
}

export function checkResponse(inputs: Values, secrets: ReadonlySet<string>, failures: readonly CheckFailure[]) {
  const response = new provider.CheckResponse();
  response.setInputs(encode(inputs, secrets));
  response.setFailuresList(checkFailures(failures));
  return response;
}

export function checkFailures(failures: readonly CheckFailure[]) {
  return failures.map(({ property, reason }) => {
    const failure = new provider.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

type Kinds = typeof provider.PropertyDiff.Kind;

const KINDS: Record<ChangeKind, [keyof Kinds, keyof Kinds]> = {
  add: ["ADD", "ADD_REPLACE"],
  delete: ["DELETE", "DELETE_REPLACE"],
  update: ["UPDATE", "UPDATE_REPLACE"],
};

export function diffResponse({ changes, replaces, deleteBeforeReplace }: ResourceDiff) {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setDiffsList([...new Set(changes.map(({ path }) => rootOf(path)))]);
  response.setHasdetaileddiff(true);
  const detailed = response.getDetaileddiffMap();
  for (const { path, kind, replace } of changes) {
    const diff = new provider.PropertyDiff();
    diff.setKind(provider.PropertyDiff.Kind[KINDS[kind][replace ? 1 : 0]]);
    detailed.set(path, diff);
  }
  return response;
}

/** The error by which a resource that exists, but not as it should, is kept in the state ("initialization errors"). */
export function initFailed(
  id: string,
  state: Values,
  inputs: Values,
  secrets: ReadonlySet<string>,
  failure: Error,
): CallError {
  const detail = new provider.ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(encode(state, secrets));
  detail.setInputs(encode(inputs, secrets));
  detail.setReasonsList([failure.message]);
  const packed = new anys.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new statuses.Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(failure.message);
  answer.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  return new CallError(status.UNKNOWN, failure.message, metadata);
}
