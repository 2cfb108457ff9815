/** Which tables each live topic has, and the type of their rows (generated from the server's). */
import type { components } from "@/generated/api";

type Schemas = components["schemas"];

export interface TopicTables {
  desk: {
    me: Schemas["MeRow"];
    work: Schemas["WorkRow"];
    message: Schemas["MessageRow"];
    callback: Schemas["CallbackRow"];
    preview: Schemas["PreviewRow"];
  };
  floor: {
    total: Schemas["TotalRow"];
    entry_point: Schemas["EntryPointRow"];
    queue: Schemas["QueueRow"];
    group: Schemas["GroupRow"];
    agent: Schemas["AgentRow"];
    trunk: Schemas["TrunkRow"];
    campaign: Schemas["CampaignRow"];
  };
}
