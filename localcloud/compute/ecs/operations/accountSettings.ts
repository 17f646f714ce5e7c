// Account settings: kept and listed. What they opt into (long ARNs, awsvpc trunking, …) is the only way of the local cloud anyway.
import { z } from "zod";
import { invalidParameter } from "../errors.js";
import { paging, parseRequest } from "../requests.js";
import type { EcsRegion } from "../store.js";
import type { Operations } from "./operation.js";

/** Names and what holds where nobody has set them ("Account settings", Amazon ECS Developer Guide). */
const DEFAULTS: Readonly<Record<string, string>> = {
  serviceLongArnFormat: "enabled",
  taskLongArnFormat: "enabled",
  containerInstanceLongArnFormat: "enabled",
  awsvpcTrunking: "disabled",
  containerInsights: "disabled",
  fargateFIPSMode: "disabled",
  tagResourceAuthorization: "off",
  fargateTaskRetirementWaitPeriod: "7",
  guardDutyActivate: "off",
  defaultLogDriverMode: "non-blocking",
};

/** The principal under which the account's defaults are kept. */
const rootOf = ({ account }: EcsRegion): string => `arn:aws:iam::${account}:root`;

const named = z.looseObject({ name: z.string(), principalArn: z.string().optional() });
const valued = named.extend({ value: z.string() });

export const operations: Operations = {
  PutAccountSetting({ region, principalArn, body }) {
    const request = parseRequest(valued, body);
    return { setting: put(region, request.principalArn ?? principalArn, request) };
  },

  PutAccountSettingDefault({ region, body }) {
    return { setting: put(region, rootOf(region), parseRequest(valued, body)) };
  },

  DeleteAccountSetting({ region, principalArn, body }) {
    const request = parseRequest(named, body);
    const principal = request.principalArn ?? principalArn;
    check(request.name);
    region.settings.get(principal)?.delete(request.name);
    return { setting: { name: request.name, principalArn: principal } };
  },

  ListAccountSettings({ region, principalArn, body }) {
    const schema = z.looseObject({
      name: z.string().optional(),
      value: z.string().optional(),
      principalArn: z.string().optional(),
      effectiveSettings: z.boolean().optional(),
      ...paging,
    });
    const request = parseRequest(schema, body);
    const principal = request.principalArn ?? principalArn;
    const own = region.settings.get(principal) ?? new Map<string, string>();
    const defaults = request.effectiveSettings
      ? [...Object.entries(DEFAULTS), ...(region.settings.get(rootOf(region)) ?? [])]
      : [];
    const settings = [...new Map([...defaults, ...own])]
      .filter(([name, value]) => (request.name ?? name) === name && (request.value ?? value) === value)
      .map(([name, value]) => ({ name, value, principalArn: principal, type: "user" }));
    return { settings };
  },
};

function check(name: string): void {
  if (DEFAULTS[name] === undefined) throw invalidParameter(`${name} is not a valid account setting.`);
}

function put(region: EcsRegion, principalArn: string, { name, value }: { name: string; value: string }) {
  check(name);
  const settings = region.settings.get(principalArn) ?? new Map<string, string>();
  region.settings.set(principalArn, settings.set(name, value));
  return { name, value, principalArn, type: "user" };
}
