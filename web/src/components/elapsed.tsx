/** A timer that counts up from an instant. */
import { Text, type TextProps } from "@mantine/core";
import { clockText, secondsSince } from "@/lib/format";
import { useNowMs } from "@/lib/ticking";

interface ElapsedProps extends TextProps {
  since: string;
  label?: string;
}

export function Elapsed({ since, label, ...text }: ElapsedProps) {
  const nowMs = useNowMs();
  return (
    <Text
      component="span"
      className="omni-tabular"
      role="timer"
      aria-label={label}
      inherit
      {...text}
    >
      {clockText(secondsSince(since, nowMs))}
    </Text>
  );
}
