/** Users, and for those who are agents: their groups, capacities, automatic acceptance. */
import {
  Badge,
  Checkbox,
  Divider,
  Group,
  Input,
  MultiSelect,
  PasswordInput,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { SkillsInput } from "@/components/skills-input";
import type { Column } from "@/components/data-table";
import type { Role } from "@/lib/session";
import { useAgents, useGroups, useSaveAgent, type Agent, type Skill } from "./api/routing";
import { useSaveUser, useUsers, type User, type UserDraft } from "./api/users";
import { Editing, FILLED, FormFrame } from "./editing";
import { PerMedium, type Triple } from "./per-medium";

const ROLES: Role[] = ["agent", "supervisor", "manager", "admin"];
const MEDIA = ["voice", "email", "chat"] as const;

export function UsersPanel() {
  const { t } = useTranslation("admin");
  const users = useUsers();
  const agents = useAgents();
  const groups = useGroups();
  const columns = useMemo<Column<User>[]>(() => {
    const groupName = new Map(groups.data?.map((group) => [group.group_id, group.name]));
    const groupsOf = (user: User) =>
      agents.data
        ?.find((agent) => agent.agent_id === user.user_id)
        ?.group_ids?.map((id) => groupName.get(id) ?? id)
        .join(", ");
    return [
      {
        key: "name",
        title: t("name"),
        sort: (row) => row.name,
        cell: (row) => (
          <Group gap={6} wrap="nowrap">
            <Text span inherit fw={500} c={row.active ? undefined : "dimmed"}>
              {row.name}
            </Text>
            {row.robot && (
              <Badge size="xs" variant="default" tt="none" fw={500}>
                {t("robot")}
              </Badge>
            )}
            {!row.active && (
              <Badge size="xs" variant="default" tt="none" fw={500}>
                {t("user.inactive")}
              </Badge>
            )}
          </Group>
        ),
      },
      { key: "email", title: t("user.email"), sort: (row) => row.email, cell: (row) => row.email },
      {
        key: "roles",
        title: t("user.roles"),
        cell: (row) => row.roles.map((role) => t(`terms:role.${role}`)).join(", "),
      },
      { key: "groups", title: t("part.groups"), cell: (row) => groupsOf(row) ?? "" },
    ];
  }, [t, agents.data, groups.data]);
  return (
    <Editing
      title={t("part.users")}
      addLabel={t("user.add")}
      columns={columns}
      rows={agents.isSuccess ? users.data : undefined}
      rowKey={(row) => row.user_id}
      size="lg"
      form={(row, close) => (
        <UserForm
          user={row}
          agent={agents.data?.find((agent) => agent.agent_id === row?.user_id) ?? null}
          onSaved={close}
        />
      )}
    />
  );
}

interface AgentDraft {
  group_ids: string[];
  skills: Skill[];
  capacity: Triple;
  auto_accept: [boolean, boolean, boolean];
}

function draftOf(user: User | null): UserDraft {
  if (user === null) return { name: "", email: "", roles: ["agent"], active: true, password: "" };
  const { name, email, roles, active } = user;
  return { name, email, roles, active, password: "" };
}

function workOf(agent: Agent | null): AgentDraft {
  return {
    group_ids: agent?.group_ids ?? [],
    skills: agent?.skills ?? [],
    capacity: agent?.capacity ?? [1, 3, 4],
    auto_accept: agent?.auto_accept ?? [false, false, false],
  };
}

interface UserFormProps {
  user: User | null;
  agent: Agent | null;
  onSaved: () => void;
}

export function UserForm({ user: before, agent, onSaved }: UserFormProps) {
  const { t } = useTranslation("admin");
  // Who was saved and could not be made an agent is no new user when it is tried again.
  const [user, setUser] = useState(before);
  const [draft, setDraft] = useState(() => draftOf(before));
  const [work, setWork] = useState(() => workOf(agent));
  const saveUser = useSaveUser(user?.user_id ?? null);
  const saveAgent = useSaveAgent(agent === null);
  const put = (change: Partial<UserDraft>) => setDraft((before) => ({ ...before, ...change }));
  const isAgent = draft.roles.includes("agent");
  const submit = async () => {
    const saved = await saveUser.mutateAsync(draft);
    setUser(saved);
    if (isAgent || agent !== null)
      await saveAgent.mutateAsync({
        ...work,
        agent_id: saved.user_id,
        name: saved.name,
        active: saved.active && isAgent,
      });
    onSaved();
  };
  return (
    <FormFrame
      pending={saveUser.isPending || saveAgent.isPending}
      // A refusal has been shown as a message; the form stays open.
      onSubmit={() => void submit().catch(() => undefined)}
    >
      <TextInput
        label={t("name")}
        {...FILLED}
        value={draft.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
      />
      <TextInput
        label={t("user.email")}
        type="email"
        {...FILLED}
        disabled={user !== null}
        value={draft.email}
        onChange={(event) => put({ email: event.currentTarget.value })}
      />
      <PasswordInput
        label={user === null ? t("user.password") : t("user.newPassword")}
        required={user === null}
        autoComplete="new-password"
        value={draft.password}
        onChange={(event) => put({ password: event.currentTarget.value })}
      />
      <Checkbox.Group
        label={t("user.roles")}
        value={draft.roles}
        onChange={(roles) => put({ roles: roles as Role[] })}
      >
        <Group mt={6}>
          {ROLES.map((role) => (
            <Checkbox key={role} value={role} label={t(`terms:role.${role}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      {isAgent && <AgentPart work={work} onChange={setWork} />}
      {user !== null && (
        <Switch
          label={t("user.activeNote")}
          checked={draft.active}
          onChange={(event) => put({ active: event.currentTarget.checked })}
        />
      )}
    </FormFrame>
  );
}

interface AgentPartProps {
  work: AgentDraft;
  onChange: (work: AgentDraft) => void;
}

function AgentPart({ work, onChange }: AgentPartProps) {
  const { t } = useTranslation("admin");
  const groups = useGroups();
  return (
    <>
      <Divider label={t("user.asAgent")} labelPosition="left" />
      <MultiSelect
        label={t("part.groups")}
        data={(groups.data ?? []).map((group) => ({ value: group.group_id, label: group.name }))}
        value={work.group_ids}
        onChange={(group_ids) => onChange({ ...work, group_ids })}
      />
      <SkillsInput
        label={t("user.skills")}
        description={t("user.skillsNote")}
        value={work.skills}
        onChange={(skills) => onChange({ ...work, skills })}
      />
      <PerMedium
        label={t("user.capacity")}
        description={t("user.capacityNote")}
        value={work.capacity}
        max={[1, 100, 20]}
        onChange={(capacity) => onChange({ ...work, capacity })}
      />
      <Input.Wrapper label={t("user.autoAccept")} description={t("user.autoAcceptNote")}>
        <Group mt={6}>
          {MEDIA.map((medium, index) => (
            <Checkbox
              key={medium}
              label={t(`common:medium.${medium}`)}
              checked={work.auto_accept[index] ?? false}
              onChange={(event) => {
                const next: AgentDraft["auto_accept"] = [...work.auto_accept];
                next[index] = event.currentTarget.checked;
                onChange({ ...work, auto_accept: next });
              }}
            />
          ))}
        </Group>
      </Input.Wrapper>
    </>
  );
}
