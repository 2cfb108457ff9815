/** The name of a queue or group: needed, and no other one's. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { FILLED } from "./editing";

interface NameFieldProps {
  value: string;
  taken: boolean;
  onChange: (name: string) => void;
}

export function NameField({ value, taken, onChange }: NameFieldProps) {
  const { t } = useTranslation("admin");
  return (
    <TextInput
      label={t("name")}
      {...FILLED}
      maxLength={80}
      error={taken ? t("nameTaken") : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
