import assert from "node:assert/strict";
import { lintPolicy } from "../../../components/iam/lint.js";
import type { PolicyDocument } from "../../../components/iam/policy.js";
import { ACCOUNT, only, REGION } from "../../components/mocks.js";
import { deploy, ofType } from "../backend/deploy.js";

const UNIT = ["cat-etl"];
const foreign = (dataBucketName: string) => ({ environment: "test", cat: { etl: { dataBucketName } } });

describe("cat-etl", function () {
  this.timeout(60_000);

  for (const environment of ["test", "prod"])
    it(`bears its users' names in ${environment}, and is deployed with cat-normalize, whose bucket it uses`, async () => {
      const { resources, outputs } = await deploy(UNIT, { environment });
      const { CatDataBucketName, CatGlueJobName, CatCrawlerName, CatDatabaseName, CatWorkGroupName } = outputs;
      assert.deepEqual(
        [CatDataBucketName, CatGlueJobName, CatCrawlerName, CatDatabaseName, CatWorkGroupName],
        [
          `cat-${environment}-normalize-reports`,
          `cat-${environment}-etl2-parquet`,
          `cat-${environment}-curated-crawler`,
          `cat_${environment}_analytics_db`,
          `wg-cat-${environment}-analytics`,
        ],
      );
      assert.equal(only(resources, "BucketNotification").inputs.eventbridge, true);
    });

  it("is all tagged as the second half, by what it is", async () => {
    const { resources } = await deploy(UNIT, { environment: "prod" });
    const kinds = ["Job", "Crawler", "Workgroup", "StateMachine", "CatalogDatabase"].map((type) => {
      const tags = only(resources, type).inputs.tags as Record<string, string>;
      return [type, tags.Environment, tags.ManagedBy, tags.ETLComponent, tags.ETLStage, tags.ResourceType];
    });
    const common = ["PROD", "Pulumi", "ETL-2", "TRANSFORM-LOAD"];
    assert.deepEqual(kinds, [
      ["Job", ...common, "COMPUTE"],
      ["Crawler", ...common, "CATALOG"],
      ["Workgroup", ...common, "ANALYTICS"],
      ["StateMachine", ...common, "ORCHESTRATION"],
      ["CatalogDatabase", ...common, "CATALOG"],
    ]);
  });

  it("has one run of the job at a time, on Glue 4.0, with script and modules in the bucket", async () => {
    const { resources } = await deploy(UNIT, { environment: "test" });
    const { inputs } = only(resources, "Job");
    assert.deepEqual(
      [inputs.glueVersion, inputs.workerType, inputs.numberOfWorkers, inputs.maxRetries, inputs.executionProperty],
      ["4.0", "G.1X", 2, 0, { maxConcurrentRuns: 1 }],
    );
    const scripts = "s3://cat-test-normalize-reports/scripts/etl-process2";
    assert.equal((inputs.command as { scriptLocation: string }).scriptLocation, `${scripts}/etl_process2.py`);
    const given = inputs.defaultArguments as Record<string, string>;
    assert.equal(
      given["--extra-py-files"],
      ["csv_files", "days", "messages"].map((name) => `${scripts}/${name}.py`).join(),
    );
    assert.deepEqual([given["--date"], given["--clean_prefix"]], ["all", "reports/etl-process1/"]);
    assert.equal(ofType(resources, "BucketObjectv2").length, 4);
    const prod = only((await deploy(UNIT, { environment: "prod" })).resources, "Job").inputs;
    assert.deepEqual([prod.numberOfWorkers, prod.timeout], [5, 120]);
  });

  it("hears of CSV files and manifests of its bucket", async () => {
    const { resources } = await deploy(UNIT, { environment: "test" });
    const rule = ofType(resources, "EventRule").find(({ name }) => name === "cat-etl2-arrivals");
    assert.deepEqual(JSON.parse(String(rule?.inputs.eventPattern)), {
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: {
        bucket: { name: ["cat-test-normalize-reports"] },
        object: {
          key: [{ wildcard: "reports/etl-process1/*.csv" }, { wildcard: "reports/etl-process1/_manifests/*.json" }],
        },
      },
    });
  });

  it("enforces where results go and how much a query may read, and saves the usual questions", async () => {
    const { resources } = await deploy(UNIT, { environment: "prod" });
    const { configuration, forceDestroy } = only(resources, "Workgroup").inputs as {
      configuration: Record<string, unknown>;
      forceDestroy: boolean;
    };
    assert.equal(forceDestroy, false);
    assert.equal(configuration.enforceWorkgroupConfiguration, true);
    assert.equal(configuration.bytesScannedCutoffPerQuery, 100 * 2 ** 30);
    assert.equal(
      (configuration.resultConfiguration as { outputLocation: string }).outputLocation,
      "s3://cat-prod-normalize-reports/athena-results/",
    );
    const names = ofType(resources, "NamedQuery").map(({ inputs }) => inputs.name);
    assert.ok(names.length >= 9 && new Set(names).size === names.length, names.join());
  });

  it("takes another bucket in place of cat-normalize's, and leaves its notifications alone", async () => {
    const { resources, outputs } = await deploy(UNIT, foreign("our-reports"));
    assert.equal(outputs.CatDataBucketName, "our-reports");
    assert.deepEqual([...ofType(resources, "Bucket"), ...ofType(resources, "BucketNotification")], []);
    assert.deepEqual(ofType(resources, "Function"), []);
  });

  it("says in one sentence what to do when that bucket is not there, before it makes anything", async () => {
    await assert.rejects(
      deploy(UNIT, foreign("absent-reports")),
      /the bucket absent-reports that crucible:cat\.etl\.dataBucketName names .*Deploy cat-normalize/,
    );
  });

  for (const environment of ["dev", "prod"])
    it(`allows no more than it must in ${environment}`, async () => {
      const { resources } = await deploy(UNIT, { environment });
      const all = resources.flatMap(({ name, inputs }) =>
        [inputs.policy, inputs.assumeRolePolicy]
          .filter((text): text is string => typeof text === "string" && text.includes('"Statement"'))
          .map((text): [string, PolicyDocument] => [name, JSON.parse(text) as PolicyDocument]),
      );
      const names = all.map(([name]) => name);
      for (const role of ["cat-etl2-parquet", "cat-crawler", "cat-etl", "cat-etl2-arrivals"])
        assert.ok(names.includes(`${role}-role-policy`), `${role} is not among ${names.join(", ")}`);
      const findings = all.flatMap(([name, document]) => lintPolicy(document).map((finding) => `${name}: ${finding}`));
      assert.deepEqual(findings, []);
      const job = all.find(([name]) => name === "cat-etl2-parquet-role-policy")?.[1];
      const bucket = `arn:aws:s3:::cat-${environment}-normalize-reports`;
      assert.deepEqual(
        job?.Statement.filter(({ Action }) => String(Action).includes("PutObject")).map(({ Resource }) => Resource),
        [`${bucket}/reports/etl-process2/*`],
      );
      const execution = all.find(([name]) => name === "cat-etl-role-policy")?.[1];
      const crawler = `arn:aws:glue:${REGION}:${ACCOUNT}:crawler/cat-${environment}-curated-crawler`;
      assert.equal(execution?.Statement.find(({ Sid }) => Sid === "RunCrawler")?.Resource, crawler);
    });
});
