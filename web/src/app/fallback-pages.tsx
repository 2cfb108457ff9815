/** Pages for addresses that lead nowhere, rights that are missing, and our own faults. */
import { Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useRouteError } from "react-router";

function Fallback({ title, text, reload }: { title: string; text: string; reload?: boolean }) {
  const { t } = useTranslation();
  return (
    <Center h="100%" mih={420} p="xl">
      <Stack align="center" gap="sm" maw={440}>
        <Title order={2} ta="center">
          {title}
        </Title>
        <Text c="dimmed" ta="center">
          {text}
        </Text>
        {reload ? (
          <Button mt="sm" onClick={() => window.location.reload()}>
            {t("crash.reload")}
          </Button>
        ) : (
          <Button mt="sm" component={Link} to="/">
            {t("notFound.home")}
          </Button>
        )}
      </Stack>
    </Center>
  );
}

export function LoadingPage() {
  return (
    <Center h="100vh">
      <Loader />
    </Center>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return <Fallback title={t("notFound.title")} text={t("notFound.text")} />;
}

export function ForbiddenPage() {
  const { t } = useTranslation();
  return <Fallback title={t("forbidden.title")} text={t("forbidden.text")} />;
}

export function CrashPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  console.error(error);
  return <Fallback title={t("crash.title")} text={t("crash.text")} reload />;
}
