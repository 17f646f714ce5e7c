// A task state that invokes a function and gives what it returned.
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Retrier, TaskState } from "./asl.js";

/** Lambda failed by itself ("Handle transient Lambda service exceptions", Step Functions Developer Guide). */
const LAMBDA_REFUSALS: Retrier = {
  ErrorEquals: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

export interface LambdaTaskOptions {
  comment?: string;
  functionArn: Input<string>;
  /** What the function is given: a value with expressions in it. */
  payload: unknown;
  /** How long the state may take, seconds. */
  timeoutSeconds: number;
  catch?: Catcher[];
}

/** Invokes a function; an error that it throws is the state's, by the name of its class, with message and stack as JSON in its cause. */
export function lambdaTask(options: LambdaTaskOptions): TaskState {
  return {
    Type: "Task",
    ...(options.comment && { Comment: options.comment }),
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: options.functionArn, Payload: options.payload },
    TimeoutSeconds: options.timeoutSeconds,
    Retry: [LAMBDA_REFUSALS],
    ...(options.catch && { Catch: options.catch }),
    Output: "{% $states.result.Payload %}",
  };
}
