// Workflow: a state machine made of a description, with the role that may do exactly what its steps need.
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../iam/policy.js";
import { StateMachine } from "../sfn/state-machine.js";
import { type WorkflowTargets, workflowDefinition } from "./definition.js";
import { lintWorkflow, tiersOf, type WorkflowDescription } from "./description.js";

export interface WorkflowArgs<Tier extends string> extends WorkflowTargets<Tier> {
  /** Name of the state machine, up to 80 characters. */
  stateMachineName: string;
  /** Name of the role that executions act with. */
  roleName: string;
  /** The account; executions act for it alone. */
  account: string;
  workflow: WorkflowDescription<Tier>;
  /** ARN of the log group of the jobs, without `:*`. */
  jobLogGroupArn: pulumi.Input<string>;
  /** ARN of any job, without the id: `arn:aws:batch:<region>:<account>:job`. */
  jobsArn: string;
  /** ARN of the rule by which Step Functions hears of jobs, `StepFunctionsGetEventsForBatchJobsRule`. */
  eventsRuleArn: string;
  /** Which events go into the log: with `ALL` every state's input and output. @default "ERROR" */
  logLevel?: "ALL" | "ERROR" | "FATAL" | "OFF";
  /** How long the log is kept, days. */
  logRetentionDays: number;
  /** Traces of executions in X-Ray, which are paid for. @default false */
  tracing?: boolean;
}

export class Workflow<Tier extends string> extends pulumi.ComponentResource {
  /** Of the state machine. */
  readonly arn: pulumi.Output<string>;
  readonly nodes: { stateMachine: StateMachine };

  /** @throws naming everything that is wrong with the description or the states made of it. */
  constructor(name: string, args: WorkflowArgs<Tier>, options?: pulumi.ComponentResourceOptions) {
    super("crucible:workflow:Workflow", name, {}, options);
    const findings = lintWorkflow(args.workflow);
    if (findings.length > 0)
      throw new pulumi.ResourceError(`Workflow ${args.name} cannot work: ${findings.join("; ")}`, this);
    const stateMachine = new StateMachine(
      name,
      {
        name: args.stateMachineName,
        roleName: args.roleName,
        account: args.account,
        logLevel: args.logLevel ?? "ERROR",
        logRetentionDays: args.logRetentionDays,
        tracing: args.tracing,
        statements: workflowStatements(args),
        definition: workflowDefinition(args.workflow, args),
      },
      { parent: this },
    );
    this.nodes = { stateMachine };
    this.arn = stateMachine.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/**
 * What executions may do. Waiting for a job (`.sync`) takes more than submitting it: to follow it by a rule that Step Functions
 * manages, and to end it when the execution ends ("Run AWS Batch workloads with Step Functions"); finding out why one failed takes
 * a look at its partitions and at its log.
 */
export function workflowStatements<Tier extends string>(args: WorkflowArgs<Tier>): Statement[] {
  const tiers = tiersOf(args.workflow.steps).map((tier) => args.tiers[tier]);
  const partitioned = args.workflow.steps.some(({ partitions }) => partitions !== undefined);
  return [
    {
      sid: "SubmitJobs",
      actions: ["batch:SubmitJob"],
      resources: [
        ...tiers.map(({ queueArn }) => queueArn),
        // Any revision: an execution that runs is not cut off by a newer one.
        ...tiers.map(({ jobDefinitionArnPrefix }) => pulumi.interpolate`${jobDefinitionArnPrefix}:*`),
      ],
    },
    {
      sid: "FollowJobs",
      actions: ["batch:DescribeJobs", ...(partitioned ? ["batch:ListJobs"] : [])],
      resources: ["*"],
    },
    { sid: "EndJobs", actions: ["batch:TerminateJob"], resources: [`${args.jobsArn}/*`] },
    {
      sid: "HearOfJobs",
      actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
      resources: [args.eventsRuleArn],
    },
    {
      sid: "ReadLogs",
      actions: ["logs:GetLogEvents"],
      resources: [pulumi.interpolate`${args.jobLogGroupArn}:log-stream:*`],
    },
    { sid: "TellOfFailure", actions: ["sns:Publish"], resources: [args.topicArn] },
  ];
}
