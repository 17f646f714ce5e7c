import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createJournal,
  listJournals,
  readJournal,
  removeEnvironment,
  requireJournal,
  updateJournal,
} from "../../../automation/environments/journal.js";
import { UsageError } from "../../../automation/errors.js";
import { environmentFolder, environmentsFolder } from "../../../automation/home.js";
import { backgroundEnvironments } from "../../../localcloud/server/journals.js";
import { aJournal, freshHome } from "../support.js";

describe("the journal of an environment", () => {
  const home = freshHome();

  it("comes back as it was written, readable by its owner alone", async () => {
    const journal = aJournal({
      expiresAt: new Date("2026-02-07T12:00:00Z"),
      settings: { sanders: { batch: { maxVcpus: 8 } } },
    });
    await createJournal(journal);
    assert.deepEqual(await readJournal("s1"), journal);
    assert.equal(statSync(environmentFolder("s1").journal).mode & 0o777, 0o600);
  });

  it("lets two of one name not be made", async () => {
    const outcomes = await Promise.allSettled([createJournal(aJournal()), createJournal(aJournal({ suffix: "zzzz" }))]);
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    const [failed] = outcomes.filter((outcome) => outcome.status === "rejected");
    assert.ok(failed?.reason instanceof UsageError);
    assert.match(failed.reason.message, /s1 exists already.*crucible down s1/);
  });

  it("is changed in single fields", async () => {
    await createJournal(aJournal({ status: "creating" }));
    await updateJournal("s1", { status: "up", workflows: { orchestrator: "arn:aws:states:x" } });
    const journal = await requireJournal("s1");
    assert.equal(journal.status, "up");
    assert.deepEqual(journal.workflows, { orchestrator: "arn:aws:states:x" });
    assert.equal(journal.suffix, "k3x9");
  });

  it("is listed oldest first; what cannot be understood is told, and what is none is nothing", async () => {
    await createJournal(aJournal({ name: "young", createdAt: new Date(2000) }));
    await createJournal(aJournal({ name: "old", createdAt: new Date(1000) }));
    mkdirSync(join(environmentsFolder(), "empty"));
    mkdirSync(join(environmentsFolder(), "broken"));
    writeFileSync(join(environmentsFolder(), "broken", "journal.json"), '{"version": 7}');
    const unreadable: string[] = [];
    const journals = await listJournals((name) => unreadable.push(name));
    assert.deepEqual(
      journals.map(({ name }) => name),
      ["old", "young"],
    );
    assert.deepEqual(unreadable, ["broken"]);
    await assert.rejects(readJournal("broken"), /broken.*not a journal of this version/s);
  });

  it("names the environments that there are when one is asked for that is not", async () => {
    await createJournal(aJournal());
    await assert.rejects(requireJournal("s2"), {
      name: "UsageError",
      message: "There is no environment named s2. There are: s1.",
    });
  });

  it("goes with its folder in one step", async () => {
    await createJournal(aJournal());
    await removeEnvironment("s1");
    assert.equal(existsSync(environmentFolder("s1").root), false);
    await removeEnvironment("s1");
    await createJournal(aJournal());
  });

  it("is what the background cloud understands of it", async () => {
    const expiresAt = new Date("2026-02-07T12:00:00Z");
    await createJournal(aJournal({ expiresAt }));
    await createJournal(aJournal({ name: "elsewhere", cloud: "private" }));
    assert.deepEqual(backgroundEnvironments(join(home.path(), "environments")), [
      { name: "s1", status: "up", expiresAt },
    ]);
  });
});
