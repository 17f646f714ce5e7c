// Errors of the Amazon ECS API and the ways AWS words them ("API error messages", Amazon ECS Developer Guide).

/** An error that the API answers with. */
export class EcsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** HTTP status. */
    readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}

/** What the caller may not do with a resource, or a definition that is wrong. */
export const clientException = (message: string): EcsError => new EcsError("ClientException", message);

/** A parameter that is wrong in itself. */
export const invalidParameter = (message: string): EcsError => new EcsError("InvalidParameterException", message);

export const clusterNotFound = (): EcsError => new EcsError("ClusterNotFoundException", "Cluster not found.");

export const serviceNotFound = (): EcsError => new EcsError("ServiceNotFoundException", "Service not found.");

/** What Amazon ECS has and this local cloud does not: said as a client error, naming what can be used instead. */
export const notSupported = (what: string, instead: string): EcsError =>
  new EcsError("UnsupportedFeatureException", `${what} is not supported by the local cloud; ${instead}`);
