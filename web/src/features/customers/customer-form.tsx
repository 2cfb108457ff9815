/** Edit a customer's name, organisation, addresses, note. */
import { Button, Group, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CustomerPage } from "@/lib/types";
import { useChangeCustomer, type AddressKind } from "./api/customers";

export function CustomerForm({ page, onDone }: { page: CustomerPage; onDone: () => void }) {
  const { t } = useTranslation("customers");
  const { customer, addresses } = page;
  const of = (kind: AddressKind) =>
    addresses.filter((each) => each.kind === kind).map((each) => each.value);
  const [name, setName] = useState(customer.name);
  const [organisation, setOrganisation] = useState(customer.organisation);
  const [note, setNote] = useState(customer.note);
  const [phones, setPhones] = useState(() => of("phone"));
  const [mails, setMails] = useState(() => of("email"));
  const change = useChangeCustomer(customer.customer_id);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const all = [
      ...phones.map((value) => ({ kind: "phone" as const, value })),
      ...mails.map((value) => ({ kind: "email" as const, value })),
      ...of("visitor").map((value) => ({ kind: "visitor" as const, value })),
    ];
    change.mutate(
      { name: name.trim(), organisation: organisation.trim(), note, addresses: all },
      { onSuccess: onDone },
    );
  };
  return (
    <form onSubmit={save}>
      <Stack gap="sm">
        <TextInput
          label={t("column.name")}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("column.organisation")}
          maxLength={200}
          value={organisation}
          onChange={(event) => setOrganisation(event.currentTarget.value)}
        />
        <TagsInput
          label={t("kind.phone")}
          description={t("phoneHint")}
          value={phones}
          onChange={setPhones}
          acceptValueOnBlur
        />
        <TagsInput label={t("kind.email")} value={mails} onChange={setMails} acceptValueOnBlur />
        <Textarea
          label={t("note")}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("common:action.cancel")}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {t("common:action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
