/** When and where a contact agreed to be called; managers can note it and take it back. */
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "@/generated/api";
import { hasRole, useMe } from "@/lib/session";
import { useTexts } from "@/lib/use-texts";
import { useRecordConsent } from "./api/campaigns";

interface ConsentProps {
  campaignId: string;
  contact: components["schemas"]["ContactOut"];
}

export function Consent({ campaignId, contact }: ConsentProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const record = useRecordConsent(campaignId, contact.contact_id);
  const mayChange = hasRole(useMe(), ["manager", "admin"]);
  const [source, setSource] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    record.mutate(
      { at: new Date().toISOString(), source: source.trim() },
      { onSuccess: () => setSource("") },
    );
  };
  return (
    <Stack gap={6}>
      <Text fw={600} size="sm">
        {t("consent.title")}
      </Text>
      <Text size="sm">
        {contact.consent_at
          ? t("consent.given", {
              at: texts.instant(contact.consent_at),
              source: contact.consent_source,
            })
          : t("consent.none")}
      </Text>
      {mayChange &&
        (contact.consent_at ? (
          <Group>
            <Button
              size="xs"
              variant="default"
              loading={record.isPending}
              onClick={() => record.mutate({ at: null, source: "" })}
            >
              {t("consent.withdraw")}
            </Button>
          </Group>
        ) : (
          <form onSubmit={submit}>
            <Group gap={6}>
              <TextInput
                size="xs"
                placeholder={t("consent.source")}
                aria-label={t("consent.source")}
                maxLength={200}
                value={source}
                onChange={(event) => setSource(event.currentTarget.value)}
              />
              <Button
                size="xs"
                type="submit"
                disabled={source.trim() === ""}
                loading={record.isPending}
              >
                {t("consent.record")}
              </Button>
            </Group>
          </form>
        ))}
    </Stack>
  );
}
