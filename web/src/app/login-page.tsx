/** Log-in: address and password; says why it failed; returns to the page that was asked for. */
import {
  Alert,
  Box,
  Button,
  Card,
  Group,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { api, data, setCsrfToken } from "@/lib/api";
import { errorText } from "@/lib/errors";
import { SESSION_KEY, useSession } from "@/lib/session";
import { LanguageSwitch } from "./language-switch";
import { Logo } from "./logo";

/** Return `path` when it is one of our own pages, the start page otherwise (no open redirect). */
export function safeReturn(path: string | null): string {
  return path && /^\/(?![/\\])/.test(path) && !path.startsWith("/login") ? path : "/";
}

function useLogIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      data(api.POST("/api/login", { body })),
    meta: { quiet: true },
    onSuccess: (me) => {
      queries.clear();
      setCsrfToken(me.csrf_token);
      queries.setQueryData(SESSION_KEY, me);
    },
  });
}

export function LoginPage() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const session = useSession();
  const logIn = useLogIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  if (session.data) return <Navigate to={safeReturn(params.get("next"))} replace />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate({ email: email.trim(), password });
  };
  return (
    <Box className="omni-login" mih="100%" p="md">
      <Group justify="flex-end">
        <LanguageSwitch />
      </Group>
      <Stack align="center" justify="center" gap="lg" mih="80vh">
        <Group gap="sm">
          <Logo size={40} />
          <Title order={1} size={30}>
            omni
          </Title>
        </Group>
        <Card withBorder shadow="sm" padding="xl" w="100%" maw={400}>
          <form onSubmit={submit}>
            <Stack>
              <div>
                <Title order={2} size="h4">
                  {t("login.title")}
                </Title>
                <Text c="dimmed" size="sm">
                  {params.has("expired") ? t("login.expired") : t("login.hint")}
                </Text>
              </div>
              {logIn.isError && (
                <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
                  {errorText(logIn.error)}
                </Alert>
              )}
              <TextInput
                label={t("login.email")}
                type="email"
                name="email"
                autoComplete="username"
                required
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <PasswordInput
                label={t("login.password")}
                name="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                visibilityToggleButtonProps={{ "aria-label": t("login.showPassword") }}
              />
              <Button type="submit" loading={logIn.isPending} fullWidth>
                {t("login.submit")}
              </Button>
            </Stack>
          </form>
        </Card>
      </Stack>
    </Box>
  );
}
