/** Short names for the server's types that several features use. */
import type { components } from "@/generated/api";

type Schemas = components["schemas"];

export type MeRow = Schemas["MeRow"];
export type WorkRow = Schemas["WorkRow"];
export type MessageRow = Schemas["MessageRow"];
export type CallbackRow = Schemas["CallbackRow"];
export type PreviewRow = Schemas["PreviewRow"];
export type Medium = WorkRow["medium"];
export type AgentState = MeRow["state"];
export type ContactEntry = Schemas["ContactEntry"];
export type CustomerPage = Schemas["CustomerPage"];
export type CodeBody = Schemas["CodeBody"];
