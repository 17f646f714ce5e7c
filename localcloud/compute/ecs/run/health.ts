// Health checks of containers: a command at intervals ("HealthCheck", Amazon ECS API Reference; Docker counts the same way).
import type { HealthCheck, HealthStatus } from "@aws-sdk/client-ecs";
import type { Clock } from "../../clock.js";

/** A container is unhealthy after so many failures in a row, if the check does not say otherwise. */
const RETRIES = 3;
const INTERVAL_SECONDS = 30;
const TIMEOUT_SECONDS = 5;

/** How a container stands. */
export interface Health {
  readonly status: HealthStatus;
  /** In a row. */
  readonly failures: number;
}

export const UNKNOWN_HEALTH: Health = { status: "UNKNOWN", failures: 0 };

/**
 * What one more result makes of a container's health.
 *
 * @param isStarting within the start period, where failures do not count until the first success
 */
export function nextHealth(health: Health, isGood: boolean, retries = RETRIES, isStarting = false): Health {
  if (isGood) return { status: "HEALTHY", failures: 0 };
  if (isStarting && health.status === "UNKNOWN") return health;
  const failures = health.failures + 1;
  return { failures, status: failures >= retries ? "UNHEALTHY" : health.status };
}

/** The command line of a check: `CMD` takes words, `CMD-SHELL` a text for the container's shell. */
export function healthCommand([kind = "", ...words]: readonly string[]): string[] {
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", words.join(" ")] : words;
}

/**
 * Checks again and again, first after one interval; the next interval begins when a check has ended.
 *
 * @param exec runs a command in the container and resolves with its exit code
 * @param onChange told of each new status
 * @returns what ends it
 */
export function watchHealth(
  check: HealthCheck,
  clock: Clock,
  exec: (command: readonly string[], timeoutSeconds: number) => Promise<number>,
  onChange: (status: HealthStatus) => void,
): () => void {
  const { interval = INTERVAL_SECONDS, timeout = TIMEOUT_SECONDS, startPeriod = 0 } = check;
  const since = clock.now();
  let health = UNKNOWN_HEALTH;
  let isOver = false;
  let callOff = () => {};

  const look = async (): Promise<void> => {
    const code = await exec(healthCommand(check.command ?? []), timeout).catch(() => 1);
    if (isOver) return;
    const next = nextHealth(health, code === 0, check.retries ?? RETRIES, clock.now() - since < startPeriod * 1000);
    const isNew = next.status !== health.status;
    health = next;
    if (isNew) onChange(next.status);
    wait();
  };
  const wait = (): void => {
    callOff = clock.after(interval * 1000, () => void look());
  };
  wait();
  return () => {
    isOver = true;
    callOff();
  };
}
