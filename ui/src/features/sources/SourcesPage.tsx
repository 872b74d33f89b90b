import { useNavigate, useSearch } from "@tanstack/react-router";
import { Badge, Button, Select } from "antd";
import { CircleHelp, Plus } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { HealthMark } from "./HealthMark";
import { QuestionsDrawer } from "./Questions";
import { useQuestions, useSources } from "./queries";
import { SourceDetail } from "./SourceDetail";
import { SourceDialog } from "./SourceDialog";
import "../../design/settings.css";
import "../../design/sources.css";

/** Where data comes from: how each source fares, what it brought, what was refused, and what a person must decide. */
export function SourcesPage() {
  const { t } = useWords();
  const phone = usePhone();
  const sources = useSources();
  const questions = useQuestions().data ?? [];
  const asked = useSearch({ from: "/build/sources" });
  const navigate = useNavigate({ from: "/build/sources" });
  const [making, setMaking] = useState(false);
  const [deciding, setDeciding] = useState(false);
  const found = sources.data ?? [];
  const source = found.find((each) => each.key === asked.source) ?? found[0];
  const choose = (key: string) => void navigate({ search: { source: key } });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("sources")}</PageTitle>
        {phone && source && (
          <Select
            aria-label={t("sources")}
            style={{ width: 130 }}
            value={source.key}
            onChange={choose}
            options={found.map((each) => ({ value: each.key, label: each.label ?? each.key }))}
          />
        )}
        <span className="gap" />
        {questions.length > 0 && (
          <Badge count={questions.length} size="small">
            <Button
              icon={<CircleHelp size={14} aria-hidden />}
              aria-label={t("toDecide")}
              onClick={() => setDeciding(true)}
            >
              {phone ? null : t("toDecide")}
            </Button>
          </Badge>
        )}
        <Button
          type="primary"
          icon={<Plus size={14} aria-hidden />}
          aria-label={t("addSource")}
          onClick={() => setMaking(true)}
        >
          {phone ? null : t("addSource")}
        </Button>
      </header>
      {source === undefined ? (
        sources.isSuccess && <Empty title={t("sourcesNothing")} lead={t("sourcesNothingLead")} />
      ) : (
        <div className="split">
          {!phone && (
            <nav className="split-list" aria-label={t("sources")}>
              {found.map((each) => (
                <button
                  key={each.key}
                  type="button"
                  className="split-item"
                  aria-current={each.key === source.key}
                  onClick={() => choose(each.key)}
                >
                  <span>{each.label ?? each.key}</span>
                  <HealthMark source={each} />
                </button>
              ))}
            </nav>
          )}
          <div className="split-main">
            <SourceDetail key={source.key} source={source} />
          </div>
        </div>
      )}
      {making && (
        <SourceDialog taken={found.map((each) => each.key)} onMade={choose} onClose={() => setMaking(false)} />
      )}
      {deciding && <QuestionsDrawer onClose={() => setDeciding(false)} />}
    </>
  );
}
