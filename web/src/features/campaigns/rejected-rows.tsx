/** How many rows of a list were rejected, and the file that says why. */
import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTexts } from "@/lib/use-texts";
import { rejectedUrl, type ImportItem } from "./api/lists";

export function RejectedRows({ item }: { item: ImportItem }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  if (item.rejected + item.incomplete === 0) return "0";
  return (
    <Anchor href={rejectedUrl(item.import_id)} download inherit>
      {t(item.incomplete > 0 ? "import.incompleteFile" : "import.rejectedFile", {
        rows: texts.number(item.rejected),
        incomplete: texts.number(item.incomplete),
      })}
    </Anchor>
  );
}
