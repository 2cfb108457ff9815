/** Tell a person what went wrong, in their language, by the server's stable code. */
import { notifications } from "@mantine/notifications";
import i18n from "i18next";
import { ApiError } from "./api";

/** Return the translated text for an error; unknown codes get a general text with the code. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return i18n.t("errors:unexpected", { keySeparator: false });
  const values = { ...error.data, code: error.code, keySeparator: false as const };
  const invalid = invalidText(error);
  if (invalid) return invalid;
  // A plan that contradicts itself: say how.
  const fault = `errors:${String(error.data["fault"] ?? "")}`;
  const known = error.code === "plan_invalid" && i18n.exists(fault, { keySeparator: false });
  const key = known ? fault : `errors:${error.code}`;
  if (i18n.exists(key, { keySeparator: false })) return i18n.t(key, values);
  const byStatus = `errors:http_${error.status}`;
  if (i18n.exists(byStatus, { keySeparator: false })) return i18n.t(byStatus, values);
  return i18n.t("errors:unknown", values);
}

/** Return what is wrong with one field of a request, where the server says it. */
function invalidText(error: ApiError): string | null {
  const { reason, field } = error.data;
  const key = `errors:invalid.${String(reason)}`;
  if (error.code !== "invalid" || !i18n.exists(key, { keySeparator: false })) return null;
  const text = i18n.t(key, { ...error.data, keySeparator: false as const });
  const name = `errors:field.${String(field)
    .split(".")
    .findLast((part) => /\D/.test(part))}`;
  if (!i18n.exists(name, { keySeparator: false })) return text;
  return i18n.t("errors:invalid.in", {
    field: i18n.t(name, { keySeparator: false }),
    text,
    keySeparator: false as const,
  });
}

/** Return the text for the reason of a state; what is no code of ours is shown as it is. */
export function reasonText(reason: string): string {
  const key = `errors:${reason}`;
  return i18n.exists(key, { keySeparator: false }) ? i18n.t(key, { keySeparator: false }) : reason;
}

/** Show an error as a toast; an ended session shows none, the log-in page appears instead. */
export function showError(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) return;
  const code = error instanceof ApiError ? error.code : "unexpected";
  notifications.show({ id: `error-${code}`, color: "red", message: errorText(error) });
}
