// A title's models: published whole, the latest named atomically, and refused when they are not what they say.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { latestModel, MODEL_FILES, modelsFolder, publishModel } from "../../../../jobs/backend/p2a3/models.js";
import { temporaryFolder } from "../data/support.js";

const about = { title: "DRUG GM", hhDate: "2017-11-04", featureVersion: 1 };

function modelFiles(content: string): string {
  const folder = temporaryFolder();
  for (const file of MODEL_FILES) writeFileSync(join(folder, file), `${content} ${file}`);
  return folder;
}

describe("P2A3: the models of a title", () => {
  it("the one published last is the latest, and stays where it was published", async () => {
    const root = temporaryFolder();
    const { folder } = await publishModel(root, modelFiles("a"), about);
    const second = await publishModel(root, modelFiles("b"), { ...about, hhDate: "2017-12-02" });
    assert.ok(second.latest && second.folder !== folder);
    const latest = await latestModel(root, "DRUG GM");
    assert.equal(latest.model, join(root, "prod", "drug-gm", "models", second.folder, "model.json"));
    assert.deepEqual(readdirSync(modelsFolder(root, "DRUG GM")).sort(), [folder, second.folder, "latest.json"].sort());
  });

  it("an order of an earlier day, made again, does not set the title back", async () => {
    const root = temporaryFolder();
    const { folder } = await publishModel(root, modelFiles("a"), about);
    const earlier = await publishModel(root, modelFiles("b"), { ...about, hhDate: "2017-10-07" });
    assert.equal(earlier.latest, false);
    assert.equal((await latestModel(root, "DRUG GM")).folder, folder);
  });

  it("what a publication left behind that was broken off is removed, and never seen as a model", async () => {
    const root = temporaryFolder();
    mkdirSync(join(modelsFolder(root, "DRUG GM"), ".pending-x"), { recursive: true });
    await assert.rejects(
      latestModel(root, "DRUG GM"),
      /no model of 'DRUG GM': .*latest\.json is missing; run the workflow p2a3xgb/,
    );
    await publishModel(root, modelFiles("a"), about);
    assert.equal(readdirSync(modelsFolder(root, "DRUG GM")).filter((name) => name.startsWith(".")).length, 0);
  });

  it("one that is published again is whole again, whatever became of its files", async () => {
    const root = temporaryFolder();
    const files = modelFiles("a");
    const { folder } = await publishModel(root, files, about);
    const own = join(modelsFolder(root, "DRUG GM"), folder);
    const damages = [
      () => writeFileSync(join(own, "model.json"), "{}"),
      () => rmSync(join(own, "features.json")),
      () => writeFileSync(join(own, "another.json"), "{}"),
      () => rmSync(own, { recursive: true }),
    ];
    for (const damage of damages) {
      damage();
      assert.equal((await publishModel(root, files, about)).folder, folder);
      assert.deepEqual(readdirSync(own).sort(), [...MODEL_FILES].sort());
      for (const file of MODEL_FILES) assert.equal(readFileSync(join(own, file), "utf8"), `a ${file}`);
      assert.deepEqual(readdirSync(modelsFolder(root, "DRUG GM")).sort(), [folder, "latest.json"].sort());
      await latestModel(root, "DRUG GM");
    }
  });

  it("a model whose file is another than the one that was published is refused by name", async () => {
    const root = temporaryFolder();
    const { folder } = await publishModel(root, modelFiles("a"), about);
    writeFileSync(join(modelsFolder(root, "DRUG GM"), folder, "model.json"), "{}");
    await assert.rejects(
      latestModel(root, "DRUG GM"),
      /model\.json is not the model of 'DRUG GM' that .*latest\.json names/,
    );
    writeFileSync(join(modelsFolder(root, "DRUG GM"), "latest.json"), "{}");
    await assert.rejects(latestModel(root, "DRUG GM"), /latest\.json cannot be used/);
  });
});
