/** The floor for a big screen on the wall: few figures, large, readable from across the room. */
import { ActionIcon, Box, Group, Text } from "@mantine/core";
import { IconArrowsMaximize, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { concernColor, type Concern } from "@/components/concern";
import { Since } from "@/components/since";
import { useRow, useRows, useTopic } from "@/lib/live";
import { useNowMs } from "@/lib/ticking";
import { useTexts } from "@/lib/use-texts";
import { dropConcern, longestWaiting, queueConcern, type QueueRow } from "./rows";
import classes from "./wallboard-page.module.css";

/** More queues than these are not readable from afar. */
const QUEUES_SHOWN = 8;

function Big({
  label,
  value,
  concern = "none",
}: {
  label: string;
  value: React.ReactNode;
  concern?: Concern;
}) {
  return (
    <Box className={classes.big ?? ""}>
      <Text className={classes.label ?? ""}>{label}</Text>
      <Text className={classes.value ?? ""} c={concernColor(concern)}>
        {value}
      </Text>
    </Box>
  );
}

function QueueLine({ row }: { row: QueueRow }) {
  const texts = useTexts();
  return (
    <tr>
      <th scope="row">{row.name}</th>
      <td data-waiting={row.waiting > 0 || undefined}>{texts.number(row.waiting)}</td>
      <td>
        <Since
          since={row.oldest_since}
          soonS={row.target_answer_s}
          nowS={row.target_answer_s * 3}
        />
      </td>
      <td>
        <Text span inherit c={concernColor(queueConcern(row))}>
          {texts.pct(row.service_level_pct)}
        </Text>
      </td>
      <td>{texts.number(row.answered)}</td>
      <td>{texts.number(row.abandoned)}</td>
    </tr>
  );
}

export function WallboardPage() {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  useTopic("floor");
  const total = useRow("floor", "total", "site");
  const queues = useRows("floor", "queue");
  const campaigns = useRows("floor", "campaign").filter((row) => row.state === "running");
  const oldest = longestWaiting(queues);
  return (
    <Box className={classes.board ?? ""} data-mantine-color-scheme="dark">
      <Group justify="space-between" wrap="nowrap">
        <Clock />
        <Group gap="xs">
          <ActionIcon
            variant="subtle"
            className={classes.tool ?? ""}
            size="lg"
            aria-label={t("fullScreen")}
            onClick={() => void document.documentElement.requestFullscreen()}
          >
            <IconArrowsMaximize size={20} />
          </ActionIcon>
          <ActionIcon
            component={Link}
            to="/supervisor"
            variant="subtle"
            className={classes.tool ?? ""}
            size="lg"
            aria-label={t("leaveWallboard")}
          >
            <IconX size={20} />
          </ActionIcon>
        </Group>
      </Group>
      {total && (
        <Box className={classes.figures ?? ""}>
          <Big label={t("tile.waiting")} value={texts.number(total.waiting)} />
          <Big
            label={t("tile.longest")}
            value={
              oldest ? (
                <Since
                  since={oldest.oldest_since}
                  soonS={oldest.target_answer_s}
                  nowS={oldest.target_answer_s * 3}
                />
              ) : (
                "0:00"
              )
            }
          />
          <Big label={t("common:agentState.ready")} value={texts.number(total.ready)} />
          <Big label={t("common:agentState.busy")} value={texts.number(total.busy)} />
          <Big label={t("tile.answered")} value={texts.number(total.answered)} />
          <Big label={t("tile.abandoned")} value={texts.number(total.abandoned)} />
        </Box>
      )}
      <table className={classes.table ?? ""}>
        <thead>
          <tr>
            <th>{t("queue.name")}</th>
            <th>{t("queue.waiting")}</th>
            <th>{t("queue.oldest")}</th>
            <th>{t("queue.level")}</th>
            <th>{t("queue.answered")}</th>
            <th>{t("queue.abandoned")}</th>
          </tr>
        </thead>
        <tbody>
          {queues.slice(0, QUEUES_SHOWN).map((row) => (
            <QueueLine key={row.id} row={row} />
          ))}
        </tbody>
      </table>
      {campaigns.length > 0 && (
        <Box className={classes.campaigns ?? ""}>
          {campaigns.slice(0, 4).map((row) => (
            <Box key={row.id} className={classes.campaign ?? ""}>
              <Text className={classes.label ?? ""}>{row.name}</Text>
              <Text className={classes.line ?? ""}>
                {t("campaign.toAgents")} <b>{texts.number(row.to_agents)}</b>
                {" · "}
                {t("campaign.drop")}{" "}
                <Text span inherit fw={700} c={concernColor(dropConcern(row))}>
                  {texts.pct(row.drop_pct)}
                </Text>
              </Text>
            </Box>
          ))}
        </Box>
      )}
    </Box>
  );
}

function Clock() {
  const { i18n } = useTranslation();
  const now = new Date(useNowMs());
  return (
    <Text className={`${classes.clock} omni-tabular`}>
      {new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit" }).format(now)}
    </Text>
  );
}
