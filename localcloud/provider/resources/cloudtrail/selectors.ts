// Which events a trail records: basic or advanced event selectors.
import {
  type AdvancedEventSelector,
  CloudTrailClient,
  type EventSelector,
  GetEventSelectorsCommand,
  PutEventSelectorsCommand,
  type ReadWriteType,
} from "@aws-sdk/client-cloudtrail";
import type { Context } from "../../descriptor.js";
import { flag, type Inputs, list, object, type State, set, text } from "../../properties.js";

export const selectorProperties = {
  eventSelectors: list(
    object({
      readWriteType: text({ default: "All", values: ["All", "ReadOnly", "WriteOnly"] }),
      includeManagementEvents: flag({ default: true }),
      excludeManagementEventSources: set(text()),
      dataResources: list(object({ type: text({ required: true }), values: list(text(), { required: true }) })),
    }),
    { max: 5 },
  ),
  advancedEventSelectors: list(
    object({
      name: text(),
      fieldSelectors: set(
        object({
          field: text({ required: true }),
          equals: list(text()),
          notEquals: list(text()),
          startsWiths: list(text()),
          notStartsWiths: list(text()),
          endsWiths: list(text()),
          notEndsWiths: list(text()),
        }),
        { required: true },
      ),
    }),
  ),
};

export async function putSelectors(arn: string, inputs: Inputs<typeof selectorProperties>, context: Context) {
  const { eventSelectors: basic, advancedEventSelectors: advanced } = inputs;
  await context.client(CloudTrailClient).send(
    new PutEventSelectorsCommand({
      TrailName: arn,
      EventSelectors: basic?.length
        ? basic.map((each) => ({
            ReadWriteType: each.readWriteType as ReadWriteType,
            IncludeManagementEvents: each.includeManagementEvents,
            ExcludeManagementEventSources: each.excludeManagementEventSources ?? [],
            DataResources: each.dataResources?.map(({ type, values }) => ({ Type: type, Values: values })) ?? [],
          }))
        : undefined,
      AdvancedEventSelectors: advanced?.length ? advanced.map(advancedRequest) : undefined,
    }),
  );
}

type Advanced = NonNullable<Inputs<typeof selectorProperties>["advancedEventSelectors"]>[number];

function advancedRequest(selector: Advanced): AdvancedEventSelector {
  return {
    Name: selector.name,
    FieldSelectors: selector.fieldSelectors.map((each) => ({
      Field: each.field,
      Equals: each.equals,
      NotEquals: each.notEquals,
      StartsWith: each.startsWiths,
      NotStartsWith: each.notStartsWiths,
      EndsWith: each.endsWiths,
      NotEndsWith: each.notEndsWiths,
    })),
  };
}

/** What a trail records without selectors: all management events. */
const DEFAULT: EventSelector = {
  ReadWriteType: "All",
  IncludeManagementEvents: true,
  DataResources: [],
  ExcludeManagementEventSources: [],
};

export async function resetSelectors(arn: string, context: Context): Promise<void> {
  await context
    .client(CloudTrailClient)
    .send(new PutEventSelectorsCommand({ TrailName: arn, EventSelectors: [DEFAULT] }));
}

/** @param isCustom whether the trail has selectors of its own, and not just the default */
export async function readSelectors(
  arn: string,
  isCustom: boolean,
  context: Context,
): Promise<State<typeof selectorProperties>> {
  if (!isCustom) return {};
  const found = await context.client(CloudTrailClient).send(new GetEventSelectorsCommand({ TrailName: arn }));
  return {
    eventSelectors: found.EventSelectors?.map((each) => ({
      readWriteType: each.ReadWriteType ?? "All",
      includeManagementEvents: each.IncludeManagementEvents ?? true,
      excludeManagementEventSources: each.ExcludeManagementEventSources,
      dataResources: each.DataResources?.map(({ Type, Values }) => ({ type: Type ?? "", values: Values ?? [] })),
    })),
    advancedEventSelectors: found.AdvancedEventSelectors?.map((each) => ({
      name: each.Name,
      fieldSelectors: (each.FieldSelectors ?? []).map((selector) => ({
        field: selector.Field ?? "",
        equals: selector.Equals,
        notEquals: selector.NotEquals,
        startsWiths: selector.StartsWith,
        notStartsWiths: selector.NotStartsWith,
        endsWiths: selector.EndsWith,
        notEndsWiths: selector.NotEndsWith,
      })),
    })),
  };
}
