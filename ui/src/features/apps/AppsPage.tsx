import { Button, Tag, Upload } from "antd";
import { Download, Package, Upload as UploadIcon } from "lucide-react";
import { useState } from "react";
import { Problem } from "../../api/client";
import type { AppInstalled, AppOffered } from "../../api/schema";
import { useWords } from "../../app/language";
import { dayText } from "../../app/moments";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { Faults } from "../../designers/change/Faults";
import { sendFile } from "../transfer/sending";
import { PlanDialog } from "./PlanDialog";
import { type Asked, useApps } from "./queries";
import { ScenarioDialog } from "./ScenarioDialog";
import "../../design/settings.css";
import "../../design/apps.css";

/** What is installed, what can be: each put in, renewed or taken out after one has seen what that does. */
export function AppsPage() {
  const { t } = useWords();
  const apps = useApps();
  const [asked, setAsked] = useState<{ asked: Asked; title: string }>();
  const [beginning, setBeginning] = useState<{ app: string; label: string }>();
  const [refused, setRefused] = useState<Problem>();
  const upload = async (file: File) => {
    setRefused(undefined);
    try {
      setAsked({
        asked: { kind: "package", file: await sendFile(file) },
        title: t("apps.installOf", { name: file.name }),
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefused(error);
    }
  };
  const found = apps.data;
  const open = (what: Asked, title: string) => setAsked({ asked: what, title });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("apps")}</PageTitle>
        <span className="gap" />
        <Button
          href="/api/apps/export"
          download
          icon={<Download size={14} aria-hidden />}
          aria-label={t("apps.export")}
        >
          <span className="wide">{t("apps.export")}</span>
        </Button>
        <Upload
          accept=".zip"
          showUploadList={false}
          beforeUpload={(file) => {
            void upload(file);
            return false;
          }}
        >
          <Button icon={<UploadIcon size={14} aria-hidden />} aria-label={t("apps.upload")}>
            <span className="wide">{t("apps.upload")}</span>
          </Button>
        </Upload>
      </header>
      <div className="page apps">
        <p className="lead">{t("apps.lead")}</p>
        {refused && <Faults message={refused.message} faults={refused.faults} />}
        {apps.isPending && <p className="blank">{t("loading")}</p>}
        {apps.error && <Faults message={apps.error.message} faults={[]} />}
        {found && (
          <>
            <h2>{t("apps.installed")}</h2>
            {found.installed.length === 0 && <Empty title={t("apps.none")} lead={t("apps.noneLead")} />}
            <ul className="app-list">
              {found.installed.map((each) => (
                <Installed key={each.key} app={each} onAsk={open} onGrow={setBeginning} />
              ))}
            </ul>
            {found.offered.some((each) => !each.installed) && <h2>{t("apps.offered")}</h2>}
            <ul className="app-list">
              {found.offered
                .filter((each) => !each.installed)
                .map((each) => (
                  <Offered key={each.key} app={each} onAsk={open} onBegin={setBeginning} />
                ))}
            </ul>
          </>
        )}
      </div>
      {beginning && <ScenarioDialog {...beginning} onClose={() => setBeginning(undefined)} />}
      {asked && <PlanDialog asked={asked.asked} title={asked.title} onClose={() => setAsked(undefined)} />}
    </>
  );
}

type OnAsk = (asked: Asked, title: string) => void;
type OnScenario = (of: { app: string; label: string }) => void;

function Installed({ app, onAsk, onGrow }: { app: AppInstalled; onAsk: OnAsk; onGrow: OnScenario }) {
  const { t, language } = useWords();
  const { key, label, offered_version: offered, scenarios } = app;
  const upgrade = t("apps.upgradeOf", { name: label, version: offered ?? "" });
  const words = offered === app.version ? t("apps.check") : t("apps.upgrade", { version: offered });
  const since = dayText(new Date(app.installed_at), language);
  return (
    <li className="app-card">
      <Package size={18} strokeWidth={1.6} aria-hidden />
      <div className="app-words">
        <b>{label}</b> <Tag>{app.version}</Tag>
        <p className="blank">{t("apps.since", { date: since })}</p>
      </div>
      {scenarios && (
        <>
          <Button aria-label={t("scenario.growOf", { name: label })} onClick={() => onGrow({ app: key, label })}>
            {t("scenario.grow")}
          </Button>
          <Button
            aria-label={t("scenario.allOf", { name: label })}
            onClick={() => onAsk({ kind: "install", app: key }, t("scenario.allOf", { name: label }))}
          >
            {t("scenario.all")}
          </Button>
        </>
      )}
      {offered !== null && (
        <Button
          aria-label={`${words} ${label}`}
          type={offered === app.version ? "default" : "primary"}
          onClick={() => onAsk({ kind: "install", app: key, scenarios }, upgrade)}
        >
          {words}
        </Button>
      )}
      <Button
        danger
        type="text"
        aria-label={t("apps.removeOf", { name: label })}
        onClick={() => onAsk({ kind: "remove", app: key }, t("apps.removeOf", { name: label }))}
      >
        {t("apps.remove")}
      </Button>
    </li>
  );
}

function Offered({ app, onAsk, onBegin }: { app: AppOffered; onAsk: OnAsk; onBegin: OnScenario }) {
  const { t } = useWords();
  const title = t("apps.installOf", { name: app.label });
  return (
    <li className="app-card">
      <Package size={18} strokeWidth={1.6} aria-hidden />
      <div className="app-words">
        <b>{app.label}</b> <Tag>{app.version}</Tag>
        <p className="blank">{app.description}</p>
        {app.requires.length > 0 && <p className="blank">{t("apps.requires", { names: app.requires.join("、") })}</p>}
      </div>
      {app.scenarios > 0 && (
        <Button
          type="primary"
          aria-label={t("scenario.beginOf", { name: app.label })}
          onClick={() => onBegin({ app: app.key, label: app.label })}
        >
          {t("scenario.begin")}
        </Button>
      )}
      <Button type="primary" ghost aria-label={title} onClick={() => onAsk({ kind: "install", app: app.key }, title)}>
        {t("apps.install")}
      </Button>
    </li>
  );
}
