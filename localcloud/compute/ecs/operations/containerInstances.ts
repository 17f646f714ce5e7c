// Container instances: there are none, so lists are empty and what needs one is refused as AWS refuses it without one.
import { z } from "zod";
import { ecsArn, shortName } from "../arn.js";
import { invalidParameter, notSupported } from "../errors.js";
import { cluster, parseRequest } from "../requests.js";
import type { EcsRegion } from "../store.js";
import { activeCluster } from "./clusters.js";
import type { Operations } from "./operation.js";

const addressed = z.looseObject({ cluster, containerInstances: z.array(z.string()).optional() });

export const operations: Operations = {
  ListContainerInstances({ region, body }) {
    activeCluster(region, parseRequest(addressed, body).cluster);
    return { containerInstanceArns: [] };
  },

  DescribeContainerInstances({ region, body }) {
    return { containerInstances: [], failures: missing(region, body) };
  },

  ListAttributes({ region, body }) {
    activeCluster(region, parseRequest(addressed, body).cluster);
    return { attributes: [] };
  },

  RegisterContainerInstance() {
    throw notSupported("RegisterContainerInstance", "run tasks with the launch type FARGATE");
  },

  StartTask({ region, body }) {
    return { tasks: [], failures: missing(region, body) };
  },
};

/** One failure for each instance that a request names. */
function missing(region: EcsRegion, body: unknown): { arn: string; reason: string }[] {
  const request = parseRequest(addressed, body);
  const { name } = activeCluster(region, request.cluster);
  const { containerInstances = [] } = request;
  if (containerInstances.length === 0) throw invalidParameter("Container instances cannot be empty.");
  return containerInstances.map((each) => ({
    arn: ecsArn(region, `container-instance/${name}/${shortName(each)}`),
    reason: "MISSING",
  }));
}
