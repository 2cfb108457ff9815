/** How right the detector of answering machines is, and what it costs: live, by what agents found. */
import { Alert, Group, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Figure } from "@/components/figure";
import { Panel } from "@/components/panel";
import { StatTile } from "@/components/stat-tile";
import { useTexts } from "@/lib/use-texts";
import { useDetection, type DetectionScore } from "./api/campaigns";

interface DetectionPanelProps {
  campaignId: string;
  /** Agents see what answers, and check the detector. */
  byAgents: boolean;
}

export function DetectionPanel({ campaignId, byAgents }: DetectionPanelProps) {
  const { t } = useTranslation("campaigns");
  const detection = useDetection(campaignId);
  const score = detection.data;
  if (!score) return null;
  const heard = score.matrix.some((row) => row.person + row.machine > 0) || score.ended > 0;
  if (!score.on && !score.off && !heard) return null;
  return (
    <Panel title={t("detection.title")}>
      <Stack gap="sm">
        <DetectionState score={score} byAgents={byAgents} />
        {heard && byAgents && <DetectionFigures score={score} />}
        {heard && byAgents && <Matrix score={score} />}
      </Stack>
    </Panel>
  );
}

function DetectionState({ score, byAgents }: { score: DetectionScore; byAgents: boolean }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  if (score.off)
    return (
      <Alert color="orange" icon={<IconAlertTriangle />} title={t("detection.switchedOff")}>
        {t(`detection.harm.${score.off}`, {
          checked: texts.number(score.checked),
          persons: texts.number(score.persons),
          limit: texts.pct(score.limit_pct),
        })}
      </Alert>
    );
  const allowed = byAgents ? `on.${score.on_machine}` : `onAgentless.${score.on_machine}`;
  const forbidden = byAgents ? "forbidden" : "forbiddenAgentless";
  const key = !score.on ? "off" : score.allowed ? allowed : forbidden;
  return (
    <Text size="sm" c="dimmed">
      {t(`detection.${key}`)} {score.on && byAgents && t("detection.rule", { ...score })}
    </Text>
  );
}

function DetectionFigures({ score }: { score: DetectionScore }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const over = (score.corrected_pct ?? 0) > score.limit_pct;
  return (
    <Group gap={12} grow>
      <StatTile label={t("detection.ended")} value={texts.number(score.ended)} />
      <StatTile
        label={t("detection.lost")}
        value={texts.number(score.lost)}
        detail={t("detection.checked", { ...score })}
      />
      <StatTile
        label={t("detection.corrected")}
        value={texts.pct(score.corrected_pct)}
        detail={t("detection.counted", { pct: texts.pct(score.drop_pct) })}
        concern={over ? "now" : "none"}
      />
    </Group>
  );
}

function Matrix({ score }: { score: DetectionScore }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  return (
    <Table aria-label={t("detection.matrix")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("detection.matrix")}</Table.Th>
          <Table.Th ta="right">{t("detection.person")}</Table.Th>
          <Table.Th ta="right">{t("detection.machine")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {score.matrix
          .filter((row) => row.kind !== "fax")
          .map((row) => (
            <Table.Tr key={row.kind}>
              <Table.Td>{t(`detection.kind.${row.kind}`)}</Table.Td>
              <Table.Td ta="right">
                <Figure concern={row.kind === "machine" && row.person > 0 ? "soon" : "none"}>
                  {texts.number(row.person)}
                </Figure>
              </Table.Td>
              <Table.Td ta="right">
                <Figure>{texts.number(row.machine)}</Figure>
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
