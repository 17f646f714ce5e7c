// The two errors of the AWS Batch API and the ways AWS words them.

/** An error that the API answers with; `status` is the HTTP status. */
export class BatchError extends Error {
  constructor(
    readonly code: "ClientException" | "ServerException",
    readonly status: number,
    message: string,
    /** AWS wraps what its validation says in "Error executing request, Exception : …, RequestId: …". */
    readonly wrapped = false,
  ) {
    super(message);
    this.name = code;
  }

  /** The message as it goes over the wire. */
  wireMessage(requestId: string): string {
    return this.wrapped
      ? `Error executing request, Exception : ${this.message}, RequestId: ${requestId}`
      : this.message;
  }
}

/** What the caller did wrong, in the plain form: `Object already exists`, `… does not exist`, `Cannot delete, …`. */
export const clientException = (message: string): BatchError => new BatchError("ClientException", 400, message);

/** What the caller did wrong, in the form in which AWS reports a request that its validation refused. */
export const invalidRequest = (message: string): BatchError => new BatchError("ClientException", 400, message, true);

/** What AWS Batch has and this local cloud does not: said as a client error, naming what can be used instead. */
export const notSupported = (what: string, instead: string): BatchError =>
  new BatchError("ClientException", 400, `${what} is not supported by the local cloud; ${instead}`, true);
