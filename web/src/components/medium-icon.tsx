/** The picture of a medium, with its name for those who cannot see it. */
import { ThemeIcon, type MantineColor } from "@mantine/core";
import {
  IconMail,
  IconMessageCircle,
  IconPhoneIncoming,
  IconPhoneOutgoing,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Medium } from "@/lib/types";

const COLOURS: Record<Medium, MantineColor> = { voice: "teal", email: "indigo", chat: "orange" };

interface MediumIconProps {
  medium: Medium;
  direction?: "inbound" | "outbound";
  size?: number;
}

export function MediumIcon({ medium, direction = "inbound", size = 32 }: MediumIconProps) {
  const { t } = useTranslation();
  const Phone = direction === "outbound" ? IconPhoneOutgoing : IconPhoneIncoming;
  const Icon = medium === "voice" ? Phone : medium === "email" ? IconMail : IconMessageCircle;
  return (
    <ThemeIcon
      variant="light"
      color={COLOURS[medium]}
      size={size}
      radius="md"
      role="img"
      aria-label={t(`medium.${medium}`)}
    >
      <Icon size={size * 0.58} stroke={1.7} aria-hidden />
    </ThemeIcon>
  );
}
