/** All features, found by their file: src/features/<name>/feature.tsx exports `feature`. */
import type { Feature } from "@/lib/feature";

const modules = import.meta.glob<Feature>("../features/*/feature.tsx", {
  eager: true,
  import: "feature",
});

export const features: readonly Feature[] = Object.values(modules);

export const navigation = features
  .flatMap(({ name, nav }) => nav.map((entry) => ({ ...entry, feature: name })))
  .sort((a, b) => a.order - b.order);

export const residents = features.flatMap(({ resident }) => (resident ? [resident] : []));
