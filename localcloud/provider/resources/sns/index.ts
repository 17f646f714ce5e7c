import type { Service } from "../../descriptor.js";
import { topicSubscription } from "./subscription.js";
import { topic } from "./topic.js";
import { topicPolicy } from "./topic-policy.js";

export const resources: Service["resources"] = [topic, topicSubscription, topicPolicy];
