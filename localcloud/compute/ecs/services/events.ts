// What a service says: lines in its own list, and events on the default bus ("Amazon ECS service action events" and "… deployment state change events").
import { randomUUID } from "node:crypto";
import type { EventQueue } from "../../eventQueue.js";
import type { Deployment, Service } from "../model.js";

/** AWS keeps the last hundred. */
const MOST_LINES = 100;

export type ServiceAction =
  | { eventName: "SERVICE_STEADY_STATE"; eventType: "INFO" }
  | { eventName: "SERVICE_TASK_START_IMPAIRED"; eventType: "WARN" }
  | { eventName: "SERVICE_TASK_PLACEMENT_FAILURE"; eventType: "ERROR"; reason: string };

export class ServiceEvents {
  constructor(
    private readonly queue: EventQueue,
    private readonly now: () => Date,
  ) {}

  say(service: Service, message: string): void {
    const line = { id: randomUUID(), createdAt: this.now(), message: `(service ${service.name}) ${message}` };
    service.events = [line, ...service.events].slice(0, MOST_LINES);
  }

  act(service: Service, action: ServiceAction): void {
    this.#put(service, "ECS Service Action", {
      ...action,
      clusterArn: service.clusterArn,
      createdAt: this.now(),
    });
  }

  deployment(service: Service, { id, rolloutState, rolloutStateReason, updatedAt }: Deployment): void {
    this.#put(service, "ECS Deployment State Change", {
      eventType: rolloutState === "FAILED" ? "ERROR" : "INFO",
      eventName: `SERVICE_DEPLOYMENT_${rolloutState}`,
      deploymentId: id,
      updatedAt,
      reason: rolloutStateReason,
    });
  }

  #put(service: Service, detailType: string, detail: Record<string, unknown>): void {
    const event = { source: "aws.ecs", detailType, detail, resources: [service.arn] };
    this.queue.put(service, service.arn, event, `ecs: the ${detail.eventName} event of service ${service.name}`);
  }
}
