/** Navigation at the left edge, with the person's own menu at its foot. */
import { Avatar, Box, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconCheck,
  IconDeviceDesktop,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { api } from "@/lib/api";
import type { NavEntry } from "@/lib/feature";
import { initials } from "@/lib/format";
import { closestLanguage } from "@/lib/i18n";
import { SESSION_KEY, type Me } from "@/lib/session";
import { useChangeLanguage } from "./language-switch";
import { Logo } from "./logo";
import classes from "./shell.module.css";

export interface FeatureNavEntry extends NavEntry {
  /** Whose translations hold `labelKey`. */
  feature: string;
}

export function NavRail({ me, entries }: { me: Me; entries: readonly FeatureNavEntry[] }) {
  const { t } = useTranslation();
  return (
    <Box component="nav" className={classes.rail} aria-label={t("shell.navigation")}>
      <Box className={classes.logo}>
        <Logo size={36} />
      </Box>
      <Box className={classes.entries}>
        {entries.map((entry) => (
          <NavLink key={entry.to} to={entry.to} className={classes.entry ?? ""}>
            <entry.icon size={22} stroke={1.6} />
            <span>{t(entry.labelKey, { ns: entry.feature })}</span>
            {entry.badge && (
              <span className={classes.entryBadge}>
                <entry.badge />
              </span>
            )}
          </NavLink>
        ))}
      </Box>
      <PersonMenu me={me} />
    </Box>
  );
}

function PersonMenu({ me }: { me: Me }) {
  const { t, i18n } = useTranslation();
  const changeLanguage = useChangeLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const logOut = useMutation({
    mutationFn: () => api.POST("/api/logout"),
    onSettled: () => {
      queries.clear();
      queries.setQueryData(SESSION_KEY, null);
    },
  });
  const language = closestLanguage(i18n.language);
  return (
    <Menu position="right-end" width={230}>
      <Menu.Target>
        <UnstyledButton className={classes.entry} aria-label={t("shell.personMenu")}>
          <Avatar size={34} radius="xl" color="yellow" variant="filled" autoContrast>
            {initials(me.name)}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">
            {me.name}
          </Text>
          <Text size="xs">{me.email}</Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t("shell.language")}</Menu.Label>
        <Menu.Item
          leftSection={<IconLanguage size={16} />}
          rightSection={language === "en" ? <IconCheck size={16} /> : null}
          onClick={() => changeLanguage("en")}
        >
          English
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLanguage size={16} />}
          rightSection={language === "zh-CN" ? <IconCheck size={16} /> : null}
          onClick={() => changeLanguage("zh-CN")}
        >
          简体中文
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("shell.appearance")}</Menu.Label>
        {(
          [
            ["auto", IconDeviceDesktop],
            ["light", IconSun],
            ["dark", IconMoon],
          ] as const
        ).map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} />}
            rightSection={colorScheme === scheme ? <IconCheck size={16} /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`shell.scheme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logOut.mutate()}>
          {t("shell.logOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
