// An environment as its users see it: outputs, clients, workflows, logs, inventory, end.
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SFNClient } from "@aws-sdk/client-sfn";
import type { Advanced, Cloud } from "../../localcloud/server/cloud.js";
import { UsageError } from "../errors.js";
import { type ExecutionResult, type RunOptions, runExecution } from "../executions/execution.js";
import { followLogs, type LogLine, type LogOptions, type LogScope, readLogs } from "../executions/logs.js";
import { environmentFolder } from "../home.js";
import { askHoldings, type Holdings } from "../inventory/holdings.js";
import { bySuffix, type Scope, takeInventory, wholeAccount } from "../inventory/inventory.js";
import type { ClientOf, InventoryItem, InventorySource } from "../inventory/item.js";
import { inventorySources } from "../inventory/sources.js";
import type { OnProgress } from "../progress.js";
import { advanceClock, type Stretch } from "./advance.js";
import { type ClientClass, createClients } from "./clients.js";
import type { EnvironmentStage, Journal } from "./journal.js";
import { createRedactor, type Redactor, type StackOutput } from "./redact.js";
import { regionsOf } from "./regions.js";
import { awsEnvironment, clientSettings } from "./settings.js";
import type { Teardown } from "./teardown.js";

export interface Environment {
  readonly name: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly environment: EnvironmentStage;
  /** Suffix of its global names. */
  readonly suffix: string;
  /** `local`, `aws`, or the URL of an endpoint. */
  readonly target: string;
  /** Undefined on AWS itself. */
  readonly endpoint: string | undefined;
  /** The local cloud that it lives in, for what AWS has no call for (`cloud.fire`). */
  readonly cloud: Cloud | undefined;
  /** The stack's outputs. One that holds a secret is there in plain text right after `up`, withheld when it was reopened. */
  readonly outputs: Record<string, unknown>;
  /** ARN of each workflow's state machine. */
  readonly workflows: Record<string, string>;
  /** Count of the stack's resources. */
  readonly resources: number;
  /** Replaces the environment's secrets in anything that is written or shown. */
  readonly redactor: Redactor;
  /** Variables for any AWS client. */
  readonly variables: Record<string, string>;
  /**
   * A client of the AWS SDK v3, configured for the environment; the same one each time.
   *
   * @example env.aws(S3Client)
   */
  aws<C>(type: ClientClass<C>): C;
  /** The same in another region. */
  awsIn(region: string): ClientOf;
  /**
   * Regions in which it has anything, as the local cloud tells, or elsewhere, where nobody can be asked, those that its stacks speak
   * of; its own is the first.
   */
  regions(): Promise<string[]>;
  /**
   * Runs a workflow to its end, whatever that is.
   *
   * @param workflow its name, or the ARN of any state machine
   * @param input any JSON value
   * @throws UsageError when there is no such workflow
   */
  run(workflow: string, input?: unknown, options?: RunOptions): Promise<ExecutionResult>;
  /**
   * Moves its clock forward: rules and schedules of EventBridge, triggers and crawlers of Glue fire as they fall due on the way, in
   * order and with their own time; what they start runs at the machine's pace. Resolves when all of it was handed over.
   *
   * @param by a stretch of time, or the time that it is to be then
   * @example await env.advance({ hours: 24 })
   * @throws UsageError outside of the local cloud, and for a time that is over
   */
  advance(by: Stretch | Date): Promise<Advanced>;
  /** Lines of its logs, oldest first. */
  logs(options?: LogOptions): Promise<LogLine[]>;
  /** Lines as they come, until the signal. */
  followLogs(options: LogOptions, wait: () => Promise<void>): AsyncGenerator<LogLine>;
  /** Everything of it that exists in the cloud, asked of the cloud. */
  inventory(): Promise<InventoryItem[]>;
  /**
   * Brings the stack to other settings, in place of those that it has; `outputs`, `resources` and `redactor` are of then.
   *
   * @throws UsageError when the environment was not brought up by this process; EngineError with what the engine complained about
   */
  update(settings: Record<string, unknown>, onProgress?: OnProgress): Promise<void>;
  /** Destroys it; see {@link Teardown}. A second call waits for the first. */
  down(): Promise<Teardown>;
}

/** What the engine says of a stack that it brought up. */
export interface Deployed {
  outputs: Record<string, StackOutput>;
  /** Count of the stack's resources. */
  resources: number;
}

/** What a handle is made of. */
export interface EnvironmentParts {
  journal: Journal;
  endpoint: string | undefined;
  cloud: Cloud | undefined;
  outputs: Record<string, StackOutput>;
  resources: number;
  onProgress: OnProgress;
  /** Deploys the program with other settings. @default it cannot be done from here */
  update?(settings: Record<string, unknown>, onProgress: OnProgress): Promise<Deployed>;
  down(environment: Environment): Promise<Teardown>;
  /** More to be withheld from artefacts. */
  secrets?: string[];
}

export function createEnvironment(parts: EnvironmentParts): Environment {
  const { journal, endpoint, outputs, onProgress } = parts;
  const { name, account, region, environment, suffix, target } = journal;
  if (account === null) throw new Error(`The account of environment ${name} is not known.`);
  const clients = createClients(clientSettings(journal, endpoint));
  const scope: Scope = target === "local" ? wholeAccount : bySuffix(suffix);
  const logScope: LogScope = (group, stream) =>
    scope({ type: "AWS::Logs::LogGroup", id: group }) || scope({ type: "AWS::Logs::LogStream", id: stream });
  const told = (deployed: Deployed) => ({
    outputs: Object.fromEntries(Object.entries(deployed.outputs).map(([key, { value }]) => [key, value])),
    resources: deployed.resources,
    redactor: createRedactor(
      Object.values(deployed.outputs).flatMap((output) => (output.secret ? [output.value] : [])),
      parts.secrets ?? [],
    ),
  });
  /** The regions to ask in, and what is there that none of the sources asks for. */
  async function holdings(sources: readonly InventorySource[]): Promise<Holdings> {
    if (target === "local" && parts.cloud)
      return await askHoldings(parts.cloud, journal.account ?? "", region, sources);
    return { regions: await regionsOf(region, environmentFolder(name).state), others: [] };
  }
  let down: Promise<Teardown> | undefined;

  const handle: Environment = {
    name,
    account,
    region,
    environment,
    suffix,
    target,
    endpoint,
    cloud: parts.cloud,
    ...told({ outputs, resources: parts.resources }),
    workflows: journal.workflows,
    variables: awsEnvironment(journal, endpoint),
    aws: (type) => clients.get(type),
    awsIn: (region) => clients.inRegion(region),
    regions: async () => (await holdings([])).regions,
    async run(workflow, input = {}, options = {}) {
      const arn = workflow.startsWith("arn:") ? workflow : journal.workflows[workflow];
      if (!arn)
        throw new UsageError(
          `Environment ${name} has no workflow named ${workflow}. It has: ${Object.keys(journal.workflows).sort().join(", ") || "none"}.`,
        );
      const onState: RunOptions["onState"] = (state) => onProgress({ kind: "state", workflow, state });
      return await runExecution(clients.get(SFNClient), workflow, arn, input, { onState, ...options });
    },
    advance: (by) => advanceClock(handle, by),
    logs: (options) => readLogs(clients.get(CloudWatchLogsClient), logScope, options),
    followLogs: (options, wait) => followLogs(clients.get(CloudWatchLogsClient), logScope, options, wait),
    async inventory() {
      const sources = await inventorySources();
      const { regions, others } = await holdings(sources);
      const asked = new Map(regions.map((each) => [each, clients.inRegion(each)]));
      return [...(await takeInventory(sources, asked, scope)), ...others];
    },
    async update(settings, heard = onProgress) {
      if (!parts.update)
        throw new UsageError(`Environment ${name} is not this process's: use \`crucible up --name ${name}\`.`);
      Object.assign(handle, told(await parts.update(settings, heard)));
    },
    down() {
      down ??= parts.down(handle).finally(() => clients.close());
      return down;
    },
  };
  return handle;
}
