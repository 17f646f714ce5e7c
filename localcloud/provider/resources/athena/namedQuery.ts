// aws:athena/namedQuery:NamedQuery. What AWS cannot change but for its text is made anew.
import {
  AthenaClient,
  CreateNamedQueryCommand,
  DeleteNamedQueryCommand,
  GetNamedQueryCommand,
} from "@aws-sdk/client-athena";
import { resource } from "../../descriptor.js";
import { text } from "../../properties.js";

export const namedQuery = resource({
  type: "aws:athena/namedQuery:NamedQuery",
  properties: {
    name: text({ computed: true, replace: true, max: 128, autoName: { max: 128 } }),
    database: text({ required: true, replace: true }),
    query: text({ required: true, replace: true, max: 262_144 }),
    description: text({ replace: true }),
    workgroup: text({ default: "primary", replace: true }),
  },
  // Two of one name may stand beside each other: the id tells them apart.
  identity: [],

  async create(inputs, context) {
    const made = await context.client(AthenaClient).send(
      new CreateNamedQueryCommand({
        Name: inputs.name as string,
        Database: inputs.database,
        QueryString: inputs.query,
        Description: inputs.description,
        WorkGroup: inputs.workgroup,
      }),
    );
    return made.NamedQueryId as string;
  },

  async read(id, context) {
    const { NamedQuery } = await context.client(AthenaClient).send(new GetNamedQueryCommand({ NamedQueryId: id }));
    return {
      name: NamedQuery?.Name,
      database: NamedQuery?.Database,
      query: NamedQuery?.QueryString,
      description: NamedQuery?.Description || undefined,
      workgroup: NamedQuery?.WorkGroup,
    };
  },

  async delete(id, _state, context) {
    await context.client(AthenaClient).send(new DeleteNamedQueryCommand({ NamedQueryId: id }));
  },

  isGone: (error) => error.name === "InvalidRequestException" && /not found|does not exist/i.test(error.message),
});
