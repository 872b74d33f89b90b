import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { Button } from "antd";
import { Empty } from "../design/Empty";
import { useWords } from "./language";

/** A page that could not be shown. One whose program was renewed meanwhile is found again by loading it anew. */
export function Broken({ error }: ErrorComponentProps) {
  const { t } = useWords();
  const message = error instanceof Error ? error.message : String(error);
  const isRenewed = /dynamically imported module|Importing a module script/i.test(message);
  return (
    <div className="centre" role="alert">
      <Empty title={t("error")} lead={isRenewed ? t("renewed") : t("brokenLead", { message })}>
        <div className="broken-ways">
          <Button type="primary" onClick={() => window.location.reload()}>
            {t("reload")}
          </Button>
          <Link to="/">{t("home")}</Link>
        </div>
      </Empty>
    </div>
  );
}
