/** Time since an instant, ticking; coloured once it has lasted too long. */
import { Text } from "@mantine/core";
import { clockText, secondsSince } from "@/lib/format";
import { useNowMs } from "@/lib/ticking";
import { concernColor, rising } from "./concern";

interface SinceProps {
  since: string | null | undefined;
  soonS?: number;
  nowS?: number;
}

export function Since({ since, soonS = Infinity, nowS = Infinity }: SinceProps) {
  const nowMs = useNowMs();
  if (!since) return null;
  const seconds = secondsSince(since, nowMs);
  const concern = rising(seconds, soonS, nowS);
  return (
    <Text
      span
      inherit
      className="omni-tabular"
      c={concernColor(concern)}
      fw={concern === "none" ? undefined : 600}
    >
      {clockText(seconds)}
    </Text>
  );
}
