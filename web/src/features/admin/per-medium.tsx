/** Three numbers: for calls, mails, chats (the order of the API). */
import { Input, NumberInput, SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { longText } from "@/lib/format";

export type Triple = [number, number, number];

const MEDIA = ["voice", "email", "chat"] as const;

interface PerMediumProps {
  label: string;
  description?: string;
  value: Triple;
  onChange: (value: Triple) => void;
  max?: Triple;
  suffix?: string;
}

export function PerMedium({
  label,
  description,
  value,
  onChange,
  max,
  suffix = "",
}: PerMediumProps) {
  const { t, i18n } = useTranslation();
  return (
    <Input.Wrapper label={label} description={description}>
      <SimpleGrid cols={3} mt={4}>
        {MEDIA.map((medium, index) => (
          <NumberInput
            key={medium}
            aria-label={`${label}: ${t(`medium.${medium}`)}`}
            label={t(`medium.${medium}`)}
            labelProps={{ size: "xs", c: "dimmed", fw: 400 }}
            description={
              suffix ? longText((value[index] ?? 0) / 60, i18n.language) || undefined : undefined
            }
            inputWrapperOrder={["label", "input", "description"]}
            min={0}
            {...(max ? { max: max[index] } : {})}
            suffix={suffix}
            value={value[index]}
            onChange={(typed) => {
              const next: Triple = [...value];
              next[index] = Number(typed);
              onChange(next);
            }}
          />
        ))}
      </SimpleGrid>
    </Input.Wrapper>
  );
}
