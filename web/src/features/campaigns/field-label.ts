/** A contact's field as people read it. */
import { useTranslation } from "react-i18next";

export function useFieldLabel(): (name: string) => string {
  const { t } = useTranslation("campaigns");
  return (name) =>
    name.startsWith("extra.") ? name.slice("extra.".length) : t(`plan.fields.${name}`);
}
