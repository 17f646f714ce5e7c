// Names of event buses, rules and targets as the official provider puts them together to ids.

/** A bus's name; programs may give its ARN. */
export function busName(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:.*:event-bus\//, "");
}

export function isSameBus(left: string, right: string): boolean {
  return busName(left) === busName(right);
}

/** `rule` on the default bus, `bus/rule` on another. */
export function ruleId(bus: string, rule: string): string {
  return busName(bus) === "default" ? rule : `${busName(bus)}/${rule}`;
}

export function splitRuleId(id: string): { bus: string; name: string } {
  const at = id.lastIndexOf("/");
  return at < 0 ? { bus: "default", name: id } : { bus: id.slice(0, at), name: id.slice(at + 1) };
}

/** `rule-target` on the default bus, `bus-rule-target` on another. */
export function targetIdOf(bus: string, rule: string, target: string): string {
  return [...(busName(bus) === "default" ? [] : [busName(bus)]), rule, target].join("-");
}

/** `rule/target` or `bus/rule/target`, by which targets are imported. */
export function splitTargetImport(id: string): { bus: string; rule: string; target: string } {
  const [target, rule, ...bus] = id.split("/").reverse();
  if (!rule || !target)
    throw new Error(`"${id}" is not RULE/TARGET or BUS/RULE/TARGET, by which an event target is imported`);
  return { bus: bus.reverse().join("/") || "default", rule, target };
}
