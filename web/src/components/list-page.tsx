/** The frame of a list: title, search, filters; the table; pages; what to say when it is empty. */
import {
  Alert,
  Box,
  Button,
  Group,
  Loader,
  Pagination,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { errorText } from "@/lib/errors";
import { numberText } from "@/lib/format";
import type { SearchQuery } from "@/lib/search-query";
import classes from "./list-page.module.css";

interface ListPageProps {
  title: string;
  placeholder: string;
  search: SearchQuery;
  filters?: ReactNode;
  /** undefined while the first answer is on its way. */
  found: { total: number; page_size: number } | undefined;
  error: Error | null;
  onRetry: () => void;
  empty: string;
  children: ReactNode;
}

export function ListPage(props: ListPageProps) {
  const { t, i18n } = useTranslation();
  const { search, found, error } = props;
  const pages = found ? Math.ceil(found.total / found.page_size) : 1;
  return (
    <Box className={classes.page}>
      <Group justify="space-between" mb="md" gap="sm">
        <Group gap="sm" align="baseline">
          <Title order={1} size="h3">
            {props.title}
          </Title>
          {found && (
            <Text c="dimmed" size="sm" className="omni-tabular">
              {numberText(found.total, i18n.language)}
            </Text>
          )}
        </Group>
        <Group gap="sm">
          {props.filters}
          <TextInput
            type="search"
            w={260}
            leftSection={<IconSearch size={16} aria-hidden />}
            placeholder={props.placeholder}
            aria-label={t("action.search")}
            value={search.typed}
            onChange={(event) => search.type(event.currentTarget.value)}
          />
        </Group>
      </Group>
      {error && (
        <Alert color="red" mb="md">
          <Group justify="space-between">
            {errorText(error)}
            <Button size="compact-sm" onClick={props.onRetry}>
              {t("action.retry")}
            </Button>
          </Group>
        </Alert>
      )}
      {!found && !error && <Loader mx="auto" my="xl" display="block" />}
      {found && found.total === 0 && (
        <Text c="dimmed" ta="center" py={60}>
          {search.q ? t("list.nothingFound", { text: search.q }) : props.empty}
        </Text>
      )}
      {found && found.total > 0 && <Box className={classes.table}>{props.children}</Box>}
      {pages > 1 && (
        <Group justify="center" mt="md">
          <Pagination
            total={pages}
            value={search.page}
            onChange={search.turnTo}
            getControlProps={(control) => ({ "aria-label": t(`list.${control}`) })}
          />
        </Group>
      )}
    </Box>
  );
}
