// Errors of the Step Functions API.

/** An error that the API answers with, status 400. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** More members of the error's shape. */
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = code;
  }
}

export const noStateMachine = (arn: string): ApiError =>
  new ApiError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
export const noExecution = (arn: string): ApiError =>
  new ApiError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
export const noActivity = (arn: string): ApiError =>
  new ApiError("ActivityDoesNotExist", `Activity Does Not Exist: '${arn}'`);
export const invalidArn = (arn: string): ApiError => new ApiError("InvalidArn", `Invalid Arn: '${arn}'`);
export const labelledArn = (arn: string): ApiError =>
  new ApiError("ValidationException", `This operation does not support labeled ARNs: '${arn}'`, {
    reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS",
  });
export const invalidToken = (): ApiError => new ApiError("InvalidToken", "Invalid Token: 'Invalid token'");
export const validation = (message: string): ApiError => new ApiError("ValidationException", message);
