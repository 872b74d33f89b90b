import { Link } from "@tanstack/react-router";
import { Empty } from "../design/Empty";
import { usePageTitle } from "../design/PageTitle";
import { useWords } from "./language";

/** There is no such page, or nothing of it that one may see. */
export function Missing() {
  const { t } = useWords();
  usePageTitle(t("notFound"));
  return (
    <Empty title={t("notFound")} lead={t("notFoundLead")}>
      <Link to="/">{t("home")}</Link>
    </Empty>
  );
}
