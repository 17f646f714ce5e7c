// Bringing an environment up: the journal first, then the lease, the cloud, the engine.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { CrucibleError, InterruptedError, messageOf, throwIfInterrupted, UsageError } from "../errors.js";
import { writeJson } from "../files.js";
import { environmentFolder } from "../home.js";
import type { OnProgress } from "../progress.js";
import { writeStackSettings } from "../worker/stack-files.js";
import type { Worker } from "../worker/worker.js";
import { checkSettings } from "./check-settings.js";
import { createClients } from "./clients.js";
import { hostEngine } from "./engine-host.js";
import { createEnvironment, type Deployed, type Environment } from "./environment.js";
import { createJournal, type Journal, readJournal, removeEnvironment, updateJournal } from "./journal.js";
import { acquireLease, type Lease } from "./lease.js";
import { expiry, newJournal } from "./new-journal.js";
import type { EnvironmentOptions } from "./options.js";
import { enterPlace, findPlace, type Place } from "./place.js";
import { withheld } from "./redact.js";
import { clientSettings, workerSpec } from "./settings.js";
import { tearDown } from "./teardown.js";
import { resolveUnits, type Unit, workflowArns } from "./units.js";

/** What becomes of an environment that did not come up: destroyed, or left as far as it got, to be mended. */
export type OnFailure = "destroy" | "leave unless interrupted" | "leave";

/** An environment that is up, with what this process holds of it. */
export interface Held {
  environment: Environment;
  /** Ends this process's hold without touching the environment. */
  leave(): Promise<void>;
}

/** What there is of an environment while it is made, for whoever has to clear away after a failure. */
interface Making {
  journal: Journal;
  lease: Lease;
  place?: Place;
  worker?: Worker;
}

/**
 * Creates an environment and brings its stack up.
 *
 * @param unitNames units to deploy, with what they depend on
 * @param onFailure what to do with what exists when it does not come up
 * @throws UsageError for a wrong name, unit, setting or target, before anything is made
 */
export async function upEnvironment(
  unitNames: readonly string[],
  options: EnvironmentOptions = {},
  onFailure: OnFailure = "destroy",
): Promise<Held> {
  const { onProgress = () => {}, signal, cloud = "private" } = options;
  const { units, journal, lease: held } = await record(unitNames, options);
  return await raise({ journal, lease: held }, units, onProgress, signal, onFailure, async () =>
    enterPlace(journal, cloud),
  );
}

/**
 * An environment with its journal, lease and cloud, and nothing in it yet.
 *
 * @throws UsageError for a wrong name, unit, setting or target
 */
export async function prepareEnvironment(
  unitNames: readonly string[],
  options: EnvironmentOptions = {},
): Promise<{ journal: Journal; lease: Lease; place: Place }> {
  const { journal, lease: held } = await record(unitNames, options);
  try {
    const place = await enterPlace(journal, options.cloud ?? "private");
    const account = journal.account ?? (await askAccount(journal, place.endpoint));
    return {
      journal: await updateJournal(journal.name, { account, endpoint: place.endpoint ?? null }),
      lease: held,
      place,
    };
  } catch (error) {
    await removeEnvironment(journal.name);
    await held.release();
    throw error;
  }
}

/** Writes the journal of a new environment and takes its lease. */
async function record(
  unitNames: readonly string[],
  options: EnvironmentOptions,
): Promise<{ units: Unit[]; journal: Journal; lease: Lease }> {
  throwIfInterrupted(options.signal);
  const units = options.program ? [] : resolveUnits(unitNames);
  if (!options.program) await checkSettings(options);
  const journal = await newJournal(unitNames, units, options);
  await createJournal(journal);
  return { units, journal, lease: await lease(journal, "up") };
}

/**
 * Brings an existing environment to what the program says now.
 *
 * @param unitNames when given, the units that it shall have from now on
 * @throws UsageError for an environment or a unit that is not there, or a wrong setting, before anything is changed
 */
export async function updateEnvironment(
  name: string,
  unitNames: readonly string[],
  options: Pick<EnvironmentOptions, "settings" | "settingsFrom" | "ttlSeconds" | "signal" | "onProgress"> = {},
): Promise<Held> {
  const present = await readJournal(name);
  if (!present) throw new UsageError(`There is no environment named ${name}.`);
  const units = present.program ? [] : resolveUnits(unitNames.length > 0 ? unitNames : present.units);
  if (!present.program) await checkSettings({ environment: present.environment, ...options });
  const held = await lease(present, "up");
  const journal = await updateJournal(name, {
    status: "creating",
    ...(unitNames.length > 0 && { units: [...unitNames] }),
    ...(options.settings && { settings: options.settings }),
    ...(options.ttlSeconds !== undefined && { expiresAt: expiry(options.ttlSeconds) }),
  });
  const { onProgress = () => {}, signal } = options;
  return await raise({ journal, lease: held }, units, onProgress, signal, "leave", async () => findPlace(journal));
}

const lease = (journal: Journal, purpose: string): Promise<Lease> =>
  acquireLease(environmentFolder(journal.name).lease, `Environment ${journal.name}`, purpose);

async function raise(
  making: Making,
  units: readonly Unit[],
  onProgress: OnProgress,
  signal: AbortSignal | undefined,
  onFailure: OnFailure,
  enter: () => Promise<Place>,
): Promise<Held> {
  const { name } = making.journal;
  const cancel = () => making.worker?.cancel();
  signal?.addEventListener("abort", cancel);
  try {
    onProgress({ kind: "step", message: "preparing the cloud" });
    const entering = enter();
    const located = entering.then((place) => place.endpoint);
    located.catch(() => {});
    // The engine gets ready while the cloud does.
    making.worker = await hostEngine(making.journal, located);
    making.place = await entering;
    const { endpoint } = making.place;
    throwIfInterrupted(signal);
    const account = making.journal.account ?? (await askAccount(making.journal, endpoint));
    making.journal = await updateJournal(name, { account, endpoint: endpoint ?? null });
    onProgress({ kind: "step", message: "starting the engine" });
    const engine = await making.worker.engine;
    throwIfInterrupted(signal);
    onProgress({ kind: "step", message: `deploying with Pulumi ${engine}` });
    const { outputs, resources } = await deploy(making, units, making.worker, onProgress);
    throwIfInterrupted(signal);
    const { journal, place, worker } = making;
    const environment = createEnvironment({
      journal,
      endpoint,
      cloud: place.cloud,
      outputs,
      resources,
      onProgress,
      async update(settings, heard) {
        if (!making.journal.program) await checkSettings({ environment: making.journal.environment, settings });
        making.journal = await updateJournal(name, { status: "creating", settings });
        await writeStackSettings(workerSpec(making.journal));
        heard({ kind: "step", message: `updating with Pulumi ${engine}` });
        return await deploy(making, units, worker, heard);
      },
      down: (handle) => tearDown({ environment: handle, journal, lease: making.lease, place, worker, onProgress }),
    });
    return { environment, leave: () => leave(making) };
  } catch (error) {
    const interrupted = signal?.aborted === true;
    await updateJournal(name, { status: "failed" });
    if (onFailure === "leave" || (onFailure === "leave unless interrupted" && !interrupted)) {
      await leave(making);
      throw new CrucibleError(
        `${interrupted ? "Interrupted." : messageOf(error)}\nEnvironment ${name} is as far as it got: mend what is wrong and run \`crucible up\` with --name ${name} again, or destroy it: crucible down ${name}`,
        { cause: error },
      );
    }
    await clearAway(making, onProgress, error);
    throw interrupted
      ? new InterruptedError(`Interrupted; environment ${name} was destroyed.`, { cause: error })
      : error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** Has the engine deploy the program, and notes what came of it. */
async function deploy(
  making: Making,
  units: readonly Unit[],
  worker: Worker,
  onProgress: OnProgress,
): Promise<Deployed> {
  const { name } = making.journal;
  const { outputs, resources } = await worker.perform("up", onProgress);
  const plain = Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, output.value]));
  await writeJson(environmentFolder(name).outputs, { outputs: withheld(outputs), resources });
  making.journal = await updateJournal(name, { status: "up", workflows: workflowArns(units, plain) });
  return { outputs, resources };
}

/** Destroys what was made by then; a failure of that is told beside the first. */
async function clearAway(making: Making, onProgress: OnProgress, first: unknown): Promise<void> {
  const { journal, lease: held, place, worker } = making;
  try {
    if (journal.account === null || !place) {
      // Nothing was created: there is no cloud, or no account in it, yet.
      worker?.kill();
      await place?.release();
      await removeEnvironment(journal.name);
      return;
    }
    const environment = createEnvironment({
      journal,
      endpoint: place.endpoint,
      cloud: place.cloud,
      outputs: {},
      resources: 0,
      onProgress,
      down: (handle) =>
        tearDown({
          environment: handle,
          journal,
          lease: held,
          place,
          onProgress,
          ...(worker && { worker }),
          unfinished: true,
        }),
    });
    await environment.down();
  } catch (second) {
    throw new CrucibleError(
      `${(first as Error).message}\nAnd environment ${journal.name} could not be destroyed: ${(second as Error).message}`,
      { cause: new AggregateError([first, second]) },
    );
  } finally {
    await held.release();
  }
}

async function leave({ worker, lease: held, journal }: Making): Promise<void> {
  await worker?.end();
  await updateJournal(journal.name, { worker: null }).catch(() => {});
  await held.release();
}

async function askAccount(journal: Journal, endpoint: string | undefined): Promise<string> {
  const clients = createClients(clientSettings(journal, endpoint));
  try {
    const { Account } = await clients.get(STSClient).send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new Error("sts:GetCallerIdentity named no account");
    return Account;
  } catch (error) {
    throw new CrucibleError(
      `No AWS account answers at ${endpoint ?? "AWS"}: ${(error as Error).message}. Check your credentials (aws sts get-caller-identity).`,
      { cause: error },
    );
  } finally {
    clients.close();
  }
}
