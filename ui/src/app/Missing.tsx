import { Link } from "@tanstack/react-router";
import { Empty } from "../design/Empty";
import { usePageTitle } from "../design/PageTitle";
import { useWords } from "./language";

/** A page of building that is for others; whoever was sent its address is told whom to ask. */
export function NotForYou() {
  const { t } = useWords();
  usePageTitle(t("notForYou"));
  return (
    <Empty title={t("notForYou")} lead={t("notForYouLead")}>
      <Link to="/">{t("home")}</Link>
    </Empty>
  );
}

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
