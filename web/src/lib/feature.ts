/** What a feature gives to the app: pages, entries in the navigation. */
import type { ComponentType } from "react";
import type { RouteObject } from "react-router";
import type { Role } from "./session";

export interface NavEntry {
  to: string;
  /** Key in the feature's own translations, e.g. `nav`. */
  labelKey: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** One of these is needed; also guards the routes below `to`. */
  roles: readonly Role[];
  /** Small first. */
  order: number;
  /** Small number at the icon, e.g. waiting offers. */
  badge?: ComponentType;
}

export interface Feature {
  /** Name of the folder below src/features and of the translations' namespace. */
  name: string;
  nav: readonly NavEntry[];
  /** Below the shell; use `lazy` for pages that few people open. */
  routes: readonly RouteObject[];
  /** Stays mounted on every page for these roles, e.g. the agent's phone and alerts. */
  resident?: { component: ComponentType; roles: readonly Role[] };
}
