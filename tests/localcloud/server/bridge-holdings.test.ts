// What the cloud tells of an account, whatever service and region it is in.
import assert from "node:assert/strict";
import { BatchClient, CreateSchedulingPolicyCommand, DescribeJobQueuesCommand } from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { postJson } from "../../../localcloud/server/request.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";
import { policy } from "./bridge-fixture.js";
import { askJson, askQuery, askRest, type Caller } from "./raw-request.js";

interface Holdings {
  regions: string[];
  things: { service: string; region: string | null; id: string; name: string | null }[];
}

async function holdings(account: string, known: Record<string, string[]> = {}): Promise<Holdings> {
  const cloud = await testCloud();
  return (await postJson(`${cloud.endpoint}/_crucible/holdings`, cloud.token, { account, known })) as Holdings;
}

async function caller(account: string, region: string): Promise<Caller> {
  return { endpoint: (await testCloud()).endpoint, account, region };
}

describe("the cloud's account of what an account holds", function () {
  this.timeout(60_000);

  it("is empty for one that nobody used", async () => {
    assert.deepEqual(await holdings(freshAccount()), { regions: [], things: [] });
  });

  it("has nothing of what every account has without anybody's doing", async () => {
    const account = freshAccount();
    const here = await caller(account, "eu-west-1");
    await Promise.all([
      askQuery(here, "elasticache", { Action: "DescribeCacheParameterGroups", Version: "2015-02-02" }),
      askRest(here, "iot", "GET", "/domainConfigurations"),
      askJson(here, "athena", "AmazonAthena.ListWorkGroups"),
      askJson(here, "events", "AWSEvents.ListEventBuses"),
      askJson(here, "organizations", "AWSOrganizationsV20161128.DescribeOrganization"),
      askRest(here, "inspector2", "POST", "/status/batch/get", {}),
      askJson(here, "elasticmapreduce", "ElasticMapReduce.GetBlockPublicAccessConfiguration"),
      askRest(here, "resource-groups", "POST", "/get-account-settings", {}),
      askQuery(here, "ec2", { Action: "DescribeVpcs", Version: "2016-11-15" }),
    ]);
    const { things } = await holdings(account, { ec2: [], athena: [], events: [], elasticmapreduce: [] });
    assert.deepEqual(things, []);
  });

  it("names things of any service by kind and identifier, until they are gone", async () => {
    const account = freshAccount();
    const [home, west, north] = await Promise.all(
      ["eu-central-1", "us-west-1", "us-west-2"].map((region) => caller(account, region)),
    );
    assert.ok(home && west && north);
    const database = (input: Record<string, string>) =>
      askQuery(home, "rds", { Version: "2014-10-31", DBClusterIdentifier: "orders", ...input });
    const login = { MasterUsername: "admin1", MasterUserPassword: "secret-enough" };
    const clicks = (there: Caller, operation: string) =>
      askJson(there, "kinesis", `Kinesis_20131202.${operation}`, { StreamName: "clicks", ShardCount: 1 });
    const people = (operation: string, input: object) =>
      askJson(home, "cognito-idp", `AWSCognitoIdentityProviderService.${operation}`, input);
    await database({ Action: "CreateDBCluster", Engine: "aurora-postgresql", ...login });
    await clicks(west, "CreateStream");
    await clicks(north, "CreateStream");
    const pool = (await people("CreateUserPool", { PoolName: "people" })).UserPool?.Id;
    await people("CreateUserPoolClient", { UserPoolId: pool, ClientName: "web" });
    const { id: api } = JSON.parse(
      await askRest(home, "apigateway", "POST", "/restapis", { name: "shop", tags: { a: "b" } }),
    );
    await askRest(home, "apigateway", "POST", `/restapis/${api}/deployments`, { stageName: "live" });
    const zones = "/2013-04-01/hostedzone";
    await askRest(
      home,
      "route53",
      "POST",
      zones,
      "<CreateHostedZoneRequest><Name>example.com</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>",
    );

    const { regions, things } = await holdings(account);
    assert.deepEqual(regions, ["eu-central-1", "us-west-1", "us-west-2"]);
    const zone = things.find(({ service }) => service === "route53");
    assert.match(zone?.id ?? "", /^zone\/Z[A-Z0-9]+$/);
    const inOrder = (thing: (typeof things)[number]) => `${thing.service} ${thing.region}`;
    assert.deepEqual(
      things.filter((thing) => thing !== zone).sort((a, b) => inOrder(a).localeCompare(inOrder(b))),
      [
        { service: "apigateway", region: "eu-central-1", id: `rest_api/${api}`, name: "shop" },
        { service: "cognito-idp", region: "eu-central-1", id: `userpool/${pool}`, name: "people" },
        { service: "kinesis", region: "us-west-1", id: "stream/clicks", name: null },
        { service: "kinesis", region: "us-west-2", id: "stream/clicks", name: null },
        { service: "rds", region: "eu-central-1", id: "cluster/orders", name: null },
      ],
    );

    await database({ Action: "DeleteDBCluster", SkipFinalSnapshot: "true" });
    await clicks(west, "DeleteStream");
    await clicks(north, "DeleteStream");
    await people("DeleteUserPool", { UserPoolId: pool });
    await askRest(home, "apigateway", "DELETE", `/restapis/${api}`);
    await askRest(home, "route53", "DELETE", `${zones}/${zone?.id.split("/")[1]}`);
    assert.deepEqual(await holdings(account), { regions: [], things: [] });
  });

  it("tells the regions of services that are known too, the compute plane's by what they were asked to change", async () => {
    const account = freshAccount();
    const cloud = await testCloud();
    const config = (region: string) => clientConfig(cloud, account, region);
    await Promise.all([
      new SecretsManagerClient(config("us-west-2")).send(new CreateSecretCommand({ Name: "s", SecretString: "x" })),
      new CloudWatchLogsClient(config("ap-southeast-2")).send(new CreateLogGroupCommand({ logGroupName: "/g" })),
      new BatchClient(config("sa-east-1")).send(new CreateSchedulingPolicyCommand({ name: "fair" })),
      new BatchClient(config("ca-central-1")).send(new DescribeJobQueuesCommand({})),
      new IAMClient(config("us-east-1")).send(
        new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: policy([]) }),
      ),
    ]);
    const { regions, things } = await holdings(account, { secretsmanager: [], logs: [], iam: [] });
    assert.deepEqual(regions, ["ap-southeast-2", "sa-east-1", "us-west-2"]);
    assert.deepEqual(things, []);
    await new EC2Client(config("eu-north-1")).send(new DescribeVpcsCommand({}));
    assert.deepEqual((await holdings(freshAccount())).regions, []);
  });

  it("names those kinds of a known service's things that it is asked for", async () => {
    const account = freshAccount();
    const here = await caller(account, "eu-west-1");
    const bus = `arn:aws:events:eu-west-1:${account}:event-bus/default`;
    await askJson(here, "events", "AWSEvents.CreateArchive", { ArchiveName: "kept", EventSourceArn: bus });
    await askJson(here, "events", "AWSEvents.PutRule", { Name: "daily", ScheduleExpression: "rate(1 day)" });
    assert.deepEqual(await holdings(account, { events: ["archive"] }), {
      regions: ["eu-west-1"],
      things: [{ service: "events", region: "eu-west-1", id: "archive/kept", name: null }],
    });
  });

  it("is for those who have the cloud's token", async () => {
    const { endpoint } = await testCloud();
    await assert.rejects(postJson(`${endpoint}/_crucible/holdings`, "no", { account: "1", known: {} }), /token/);
  });
});
