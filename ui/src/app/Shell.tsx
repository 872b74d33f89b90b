import { Link, Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { Languages, LogOut, Moon, SlidersHorizontal, Sun } from "lucide-react";
import { Problem } from "../api/client";
import { useLive } from "../api/live";
import { useMe, useModel, useSignOut } from "../api/queries";
import type { ObjectDef } from "../api/types";
import { Empty } from "../design/Empty";
import { ObjectIcon } from "../design/ObjectIcon";
import { chooseLanguage, useWords } from "./language";
import { LiveContext } from "./live-context";
import { useTheme } from "./theme";

/** The frame of every signed-in page: navigation beside the work area; below it on a phone. */
export function Shell() {
  const me = useMe();
  const path = useLocation({ select: (location) => location.pathname });
  const live = useLive(me.isSuccess);
  if (path === "/sign-in") return <Outlet />;
  if (me.error instanceof Problem && me.error.status === 401) return <Navigate to="/sign-in" />;
  if (me.isError) return <Trouble message={me.error.message} again={() => void me.refetch()} />;
  if (!me.isSuccess) return null;
  return (
    <LiveContext.Provider value={live}>
      <div className="shell">
        <Side label={me.data.workspace.label} manages={me.data.manages} />
        <main className="work">
          <Outlet />
        </main>
        <Tabs />
      </div>
    </LiveContext.Provider>
  );
}

function useObjects(): ObjectDef[] {
  const model = useModel();
  const objects = model.data?.objects ?? [];
  return [...objects.filter((each) => !each.builtin), ...objects.filter((each) => each.builtin)];
}

function Side({ label, manages }: { label: { zh: string; en: string }; manages: string[] }) {
  const { t, say, language } = useWords();
  const { dark, toggle } = useTheme();
  const signOut = useSignOut();
  const objects = useObjects();
  return (
    <nav className="side" aria-label={say(label)}>
      <div className="brand">
        <img src="/favicon.svg" alt="" />
        {say(label)}
      </div>
      <h2>{t("business")}</h2>
      <ObjectLinks objects={objects.filter((each) => !each.builtin)} />
      <h2>{t("organisation")}</h2>
      <ObjectLinks objects={objects.filter((each) => each.builtin)} />
      {manages.includes("model") && (
        <>
          <h2>{t("build")}</h2>
          <Link className="nav" to="/build/fields">
            <SlidersHorizontal size={16} strokeWidth={1.6} aria-hidden />
            {t("fields")}
          </Link>
        </>
      )}
      <span className="push" />
      <button type="button" className="nav" onClick={toggle}>
        {dark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
        {dark ? t("themeLight") : t("theme")}
      </button>
      <button type="button" className="nav" onClick={() => chooseLanguage(language === "zh" ? "en" : "zh")}>
        <Languages size={16} aria-hidden />
        {t("language")}
      </button>
      <button type="button" className="nav" onClick={() => signOut.mutate()}>
        <LogOut size={16} aria-hidden />
        {t("signOut")}
      </button>
    </nav>
  );
}

function ObjectLinks({ objects }: { objects: ObjectDef[] }) {
  const { say } = useWords();
  return objects.map((each) => (
    <Link key={each.key} className="nav" to="/records/$object" params={{ object: each.key }}>
      <ObjectIcon object={each} />
      {say(each.plural ?? each.label)}
    </Link>
  ));
}

function Tabs() {
  const { say } = useWords();
  const objects = useObjects().slice(0, 5);
  return (
    <nav className="tabs" aria-label="tabs">
      {objects.map((each) => (
        <Link key={each.key} className="nav" to="/records/$object" params={{ object: each.key }}>
          <ObjectIcon object={each} size={20} />
          {say(each.label)}
        </Link>
      ))}
    </nav>
  );
}

export function Home() {
  const { t } = useWords();
  const model = useModel();
  const objects = useObjects();
  const first = objects[0];
  if (first !== undefined) return <Navigate to="/records/$object" params={{ object: first.key }} />;
  if (model.isError) return <Trouble message={model.error.message} again={() => void model.refetch()} />;
  return model.isSuccess ? <Empty title={t("noObjects")} lead={t("noObjectsLead")} /> : null;
}

export function Missing() {
  const { t } = useWords();
  return (
    <Empty title={t("notFound")} lead="">
      <Link to="/">{t("home")}</Link>
    </Empty>
  );
}

function Trouble({ message, again }: { message: string; again: () => void }) {
  const { t } = useWords();
  return (
    <div className="centre">
      <Empty title={t("error")} lead={message}>
        <button type="button" onClick={again}>
          {t("retry")}
        </button>
      </Empty>
    </div>
  );
}
