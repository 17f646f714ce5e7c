// Every unit in a stack of its own, as large environments have it: they find each other by their outputs.
import assert from "node:assert/strict";
import { openWorkspace, type Workspace } from "./workspace.js";

describe("Units in stacks of their own", function () {
  this.timeout(180_000);

  let workspace: Workspace;
  const add = (unit: string, more: Record<string, string> = {}) =>
    workspace.addStack(`dev-${unit}`, {
      "aws:region": "us-east-1",
      "crucible:environment": "dev",
      "crucible:units": JSON.stringify([unit]),
      "crucible:image": "none",
      "crucible:backend": JSON.stringify({ jobs: { imageTag: "sha-0" } }),
      ...more,
    });
  const separate = { "crucible:separate": "true" };

  before(async () => {
    workspace = await openWorkspace("dev", "us-east-1");
  });
  after(() => workspace.close());

  it("say what is missing as long as what they depend on is not there", async () => {
    const template = await add("template", separate);
    await assert.rejects(
      template("up", "--yes", "--skip-preview"),
      /StackReference \(backend-core\):\s+error: unknown stack "organization\/crucible\/dev-backend-core"/,
    );
    await add("backend-core", separate);
    await assert.rejects(
      template("up", "--yes", "--skip-preview"),
      /the stack organization\/crucible\/dev-backend-core has no output BackendTiers, which the unit backend-core would have given it\. Deploy backend-core first \(pulumi up --stack dev-backend-core\)/,
    );
  });

  it("are deployed one after the other, and each has only its own", async () => {
    const network = await workspace.addStack("lan", {
      "aws:region": "us-east-1",
      "crucible:environment": "dev",
      "crucible:units": '["vpc4general"]',
    });
    const [core, template] = ["backend-core", "template"].map((unit) => workspace.on(`dev-${unit}`)) as [
      Workspace["pulumi"],
      Workspace["pulumi"],
    ];
    await core("config", "set", "crucible:stacks", '{"vpc4general":"organization/crucible/lan"}');
    await network("up", "--yes", "--skip-preview");
    await core("up", "--yes", "--skip-preview");
    await template("up", "--yes", "--skip-preview");
    const outputs = async (stack: Workspace["pulumi"]) =>
      JSON.parse(await stack("stack", "output", "--json")) as Record<string, unknown>;
    assert.deepEqual(Object.keys(await outputs(network)).sort(), [
      "BackendGeneralSecurityGroupId",
      "BackendGeneralSubnetIds",
      "BackendGeneralVpcId",
    ]);
    assert.deepEqual(Object.keys(await outputs(template)), ["TemplateStateMachineARN"]);
    assert.ok(!("BackendGeneralVpcId" in (await outputs(core))));
    for (const stack of [network, core, template]) await stack("preview", "--expect-no-changes");
    for (const stack of [template, core, network]) await stack("destroy", "--yes", "--skip-preview");
  });
});
