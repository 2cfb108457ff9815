/** Who waits and why; why something went to whom: each open contact with its explanation. */
import { Badge, Drawer, Group, Loader, Stack, Table, Text, Timeline, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { MediumIcon } from "@/components/medium-icon";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { Since } from "@/components/since";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";
import { useTexts } from "@/lib/use-texts";

type Schemas = components["schemas"];
type Open = Schemas["OpenBody"];
type Step = Schemas["HistoryStep"];
type Candidate = Schemas["CandidateBody"];

const LIST_MS = 3_000;

export function RoutingPage() {
  const { t } = useTranslation("supervisor");
  const [shown, setShown] = useState<Open | null>(null);
  const who = useWho();
  const rows = useQuery({
    queryKey: ["open-interactions"],
    queryFn: () => data(api.GET("/api/open-interactions")),
    refetchInterval: LIST_MS,
  });
  const columns = useOpenColumns();
  return (
    <PageFrame title={t("why.title")} note={t("why.note")}>
      <Panel title={t("why.open")} flush>
        <DataTable
          label={t("why.open")}
          columns={columns}
          rows={rows.data ?? []}
          rowKey={(row) => row.interaction_id}
          onOpen={setShown}
          empty={rows.isPending ? <Loader size="sm" /> : t("why.nothing")}
        />
      </Panel>
      <Drawer
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        size="lg"
        title={shown && t("why.one", { who: who(shown) })}
      >
        {shown !== null && <Why interactionId={shown.interaction_id} />}
      </Drawer>
    </PageFrame>
  );
}

function useNames() {
  const queues = useQuery({
    queryKey: ["queues"],
    queryFn: () => data(api.GET("/api/queues")),
  });
  const agents = useQuery({
    queryKey: ["agents"],
    queryFn: () => data(api.GET("/api/agents")),
  });
  return useMemo(
    () => ({
      queue: new Map(queues.data?.map((queue) => [queue.queue_id, queue.name])),
      agent: new Map(agents.data?.map((agent) => [agent.agent_id, agent.name])),
    }),
    [queues.data, agents.data],
  );
}

function useWho(): (row: Open) => string {
  const { t } = useTranslation("supervisor");
  return useCallback(
    ({ name, medium, address }: Open) =>
      name || (medium === "chat" ? t("why.visitor") : address || t("why.unknown")),
    [t],
  );
}

function useOpenColumns(): Column<Open>[] {
  const { t } = useTranslation("supervisor");
  const names = useNames();
  const who = useWho();
  return useMemo(
    () => [
      {
        key: "who",
        title: t("why.who"),
        cell: (row) => (
          <Group gap={8} wrap="nowrap">
            <MediumIcon medium={row.medium} direction={row.direction} size={26} />
            <Text span inherit truncate>
              {who(row)}
            </Text>
          </Group>
        ),
      },
      {
        key: "queue",
        title: t("queue.name"),
        sort: (row) => names.queue.get(row.queue_id ?? "") ?? "",
        cell: (row) => names.queue.get(row.queue_id ?? "") ?? "",
      },
      {
        key: "priority",
        title: t("why.priority"),
        number: true,
        sort: (row) => row.priority,
        cell: (row) => row.priority,
      },
      {
        key: "state",
        title: t("agent.state"),
        sort: (row) => row.state,
        cell: (row) => t(`why.states.${row.state}`),
      },
      {
        key: "agent",
        title: t("agent.name"),
        cell: (row) => names.agent.get(row.agent_id ?? "") ?? "",
      },
      {
        key: "since",
        title: t("why.arrived"),
        number: true,
        sort: (row) => row.arrived_at,
        cell: (row) => <Since since={row.arrived_at} />,
      },
    ],
    [t, names, who],
  );
}

function Why({ interactionId }: { interactionId: string }) {
  const params = { params: { path: { interaction_id: interactionId } } };
  const found = useQuery({
    queryKey: ["explanation", interactionId],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}/explanation", params)),
    refetchInterval: LIST_MS,
    retry: false,
  });
  const steps = useQuery({
    queryKey: ["decisions", interactionId],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}/decisions", params)),
    refetchInterval: LIST_MS,
  });
  return (
    <Stack>
      <Steps steps={steps.data ?? []} />
      {found.data?.state === "waiting" && <Candidates explanation={found.data} />}
    </Stack>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  const names = useNames();
  return (
    <Timeline bulletSize={14} lineWidth={2} active={steps.length}>
      {steps.map((step, index) => (
        <Timeline.Item
          key={index}
          title={t(`why.step.${step.what.replace(".", "_")}`, {
            agent: step.agent_name,
            queue: names.queue.get(step.queue_id ?? "") ?? "",
          })}
        >
          <Text size="xs" c="dimmed">
            {texts.instant(step.at)}
          </Text>
          {step.what === "interaction.offered" && <Decision step={step} />}
          {step.what === "interaction.overflowed" && <Rule step={step} names={names} />}
          {step.what === "offer.ended" && <Text size="sm">{t(`why.ended.${step.reason}`)}</Text>}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

/** Which rule of a queue was used, why, and what it did. */
function Rule({ step, names }: { step: Step; names: ReturnType<typeof useNames> }) {
  const { t } = useTranslation("supervisor");
  const queue = names.queue.get(step.to_queue_id ?? "") ?? "";
  const facts = [
    t("why.rule", {
      number: (step.rule ?? 0) + 1,
      queue: names.queue.get(step.queue_id ?? "") ?? "",
    }),
    t(`why.condition.${step.condition}`, { limit: step.limit }),
    t(`why.action.${step.action}`, { queue, number: step.number }),
    t("why.waited", { seconds: Math.round(step.waited_s ?? 0) }),
  ];
  return <Text size="sm">{facts.join(" · ")}</Text>;
}

/** The sentence of a decision, from its numbers. */
function Decision({ step }: { step: Step }) {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  const facts = [
    t(`why.chosen.${step.chosen || "work_arrived"}`),
    step.way && step.way !== "rank" ? t(`why.way.${step.way}`) : "",
    t("why.waited", { seconds: Math.round(step.waited_s ?? 0) }),
    (step.distribution ?? -1) > 0 ? t("why.distribution", { number: step.distribution }) : "",
    step.relaxed ? t("why.relaxed", { count: step.relaxed }) : "",
    step.borrowed_since ? t("why.borrowed", { at: texts.instant(step.borrowed_since) }) : "",
    step.wanted ? t("why.wanted", { count: step.wanted }) : "",
    t("why.waiting", { count: step.waiting ?? 0 }),
  ];
  return <Text size="sm">{facts.filter(Boolean).join(" · ")}</Text>;
}

function Candidates({ explanation }: { explanation: Schemas["ExplanationBody"] }) {
  const { t } = useTranslation("supervisor");
  const wait = explanation.expected_wait_s;
  return (
    <Stack gap="xs">
      <Title order={3} size="h6">
        {t("why.candidates")}
      </Title>
      <Group gap="xs">
        <Badge variant="light" tt="none">
          {t("why.position", { number: explanation.position })}
        </Badge>
        {wait !== null && wait !== undefined && (
          <Badge variant="light" tt="none">
            {t("why.expected", { seconds: Math.round(wait) })}
          </Badge>
        )}
        {explanation.needs.map((need) => (
          <Badge key={`${need.name}${need.preferred}`} variant="default" tt="none">
            {need.name} {need.level}
          </Badge>
        ))}
        {explanation.owner_name !== "" && (
          <Badge variant="light" tt="none">
            {t("why.ownerWait", {
              agent: explanation.owner_name,
              seconds: Math.round(explanation.owner_left_s),
            })}
          </Badge>
        )}
        {!explanation.served && (
          <Badge color="red" variant="light" tt="none">
            {t("queue.unserved")}
          </Badge>
        )}
      </Group>
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {explanation.candidates.map((candidate) => (
            <CandidateRow key={candidate.agent_id} candidate={candidate} />
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function CandidateRow({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  const missing = candidate.missing.map((skill) => `${skill.name} ${skill.level}`).join(", ");
  const gates = candidate.gates.map((gate) =>
    gate === "skill_missing" ? `${t(`why.gate.${gate}`)} (${missing})` : t(`why.gate.${gate}`),
  );
  return (
    <Table.Tr>
      <Table.Td>{candidate.name}</Table.Td>
      <Table.Td>
        <Text size="sm" c={gates.length ? "dimmed" : "teal"}>
          {gates.join(" · ") || t("why.free")}
        </Text>
        {candidate.borrowed_since && (
          <Text size="xs" c="dimmed">
            {t("why.borrowed", { at: texts.instant(candidate.borrowed_since) })}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
