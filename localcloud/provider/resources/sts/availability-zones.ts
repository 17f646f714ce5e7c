// aws:index/getAvailabilityZones:getAvailabilityZones
import { func } from "../../descriptor.js";
import { flag, list, object, output, set, text } from "../../properties.js";

export const getAvailabilityZones = func({
  token: "aws:index/getAvailabilityZones:getAvailabilityZones",
  properties: {
    allAvailabilityZones: flag(),
    excludeNames: set(text()),
    excludeZoneIds: set(text()),
    filters: set(object({ name: text({ required: true }), values: set(text(), { required: true }) })),
    state: text({ values: ["available", "information", "impaired", "unavailable", "constrained"] }),
    id: output(text()),
    names: output(list(text())),
    zoneIds: output(list(text())),
    groupNames: output(list(text())),
  },
  async run(args, context) {
    // The largest of all clients, and the other functions of this folder do without.
    const { DescribeAvailabilityZonesCommand, EC2Client } = await import("@aws-sdk/client-ec2");
    const filters = (args.filters ?? []).map(({ name, values }) => ({ Name: name, Values: values }));
    const { AvailabilityZones: zones = [] } = await context.client(EC2Client).send(
      new DescribeAvailabilityZonesCommand({
        AllAvailabilityZones: args.allAvailabilityZones,
        Filters: [...filters, ...(args.state ? [{ Name: "state", Values: [args.state] }] : [])],
      }),
    );
    const found = zones
      .filter(
        ({ ZoneName = "", ZoneId = "" }) =>
          !args.excludeNames?.includes(ZoneName) && !args.excludeZoneIds?.includes(ZoneId),
      )
      .sort((left, right) => ((left.ZoneName ?? "") < (right.ZoneName ?? "") ? -1 : 1));
    return {
      ...args,
      id: context.region,
      region: context.region,
      names: found.map((zone) => zone.ZoneName ?? ""),
      zoneIds: found.map((zone) => zone.ZoneId ?? ""),
      groupNames: [...new Set(found.map((zone) => zone.GroupName ?? context.region))].sort(),
    };
  },
});
