// Errors of the AWS Glue API.

/** An error that the API answers with, by its name in "Exceptions", AWS Glue Web API Reference. */
export class GlueError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}

export const notFound = (message: string): GlueError => new GlueError("EntityNotFoundException", message);
export const invalidInput = (message: string): GlueError => new GlueError("InvalidInputException", message);
export const alreadyExists = (message: string): GlueError => new GlueError("AlreadyExistsException", message);
export const concurrentRuns = (message: string): GlueError => new GlueError("ConcurrentRunsExceededException", message);

/** What AWS Glue has and this local cloud does not: said as a client error, naming what can be used instead. */
export const notSupported = (what: string, instead: string): GlueError =>
  invalidInput(`${what} is not supported by the local cloud; ${instead}`);
