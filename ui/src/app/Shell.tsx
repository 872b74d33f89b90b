import { Link, Navigate, Outlet, useLocation } from "@tanstack/react-router";
import {
  ChartColumn,
  HeartPulse,
  Languages,
  LogOut,
  Moon,
  Radio,
  Search,
  Sun,
  SunMedium,
  Timer,
  UserRound,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { Problem } from "../api/client";
import { useLive } from "../api/live";
import { useMe, useModel, useSignOut } from "../api/queries";
import type { ObjectDef } from "../api/types";
import { Empty } from "../design/Empty";
import { ObjectIcon } from "../design/ObjectIcon";
import { BoardLinks } from "../features/boards/BoardLinks";
import { Bell } from "../features/notices/Bell";
import { urgencyOf, useMySignals, useMyTasks } from "../features/today/tasks";
import { buildPages } from "./build-pages";
import { chooseLanguage, useWords, withWords } from "./language";
import { LiveContext } from "./live-context";
import { Offline } from "./Offline";
import { useTheme } from "./theme";

const Palette = lazy(withWords(() => import("./Palette").then((found) => ({ default: found.Palette }))));

/** The frame of every signed-in page: navigation beside the work area; below it on a phone. */
export function Shell() {
  const me = useMe();
  const path = useLocation({ select: (location) => location.pathname });
  const live = useLive(me.isSuccess);
  const [searching, setSearching] = useState(false);
  useShortcut("k", () => setSearching(true));
  if (path === "/sign-in") return <Outlet />;
  if (me.error instanceof Problem && me.error.status === 401) return <Navigate to="/sign-in" />;
  if (me.isError) return <Trouble message={me.error.message} again={() => void me.refetch()} />;
  if (!me.isSuccess) return null;
  return (
    <LiveContext.Provider value={live}>
      <div className="shell">
        <Side label={me.data.workspace.label} manages={me.data.manages} onSearch={() => setSearching(true)} />
        <main className="work">
          <Offline />
          <Outlet />
        </main>
        <Tabs />
        {searching && (
          <Suspense fallback={null}>
            <Palette open onClose={() => setSearching(false)} />
          </Suspense>
        )}
      </div>
    </LiveContext.Provider>
  );
}

/** Ctrl or ⌘ with a letter, wherever the focus is. */
function useShortcut(letter: string, act: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === letter) {
        event.preventDefault();
        act();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });
}

function useObjects(): ObjectDef[] {
  const model = useModel();
  const objects = model.data?.objects ?? [];
  return [...objects.filter((each) => !each.builtin), ...objects.filter((each) => each.builtin)];
}

// What people work with every day stands on pages of its own.
const ON_OWN_PAGES = new Set(["task", "signal"]);

function Side({
  label,
  manages,
  onSearch,
}: {
  label: { zh: string; en: string };
  manages: string[];
  onSearch: () => void;
}) {
  const { t, say, language } = useWords();
  const { dark, toggle } = useTheme();
  const signOut = useSignOut();
  const objects = useObjects();
  const pages = buildPages(manages);
  return (
    <nav className="side" aria-label={say(label)}>
      <div className="brand">
        <img src="/favicon.svg" alt="" />
        <span className="brand-name">{say(label)}</span>
        <Bell />
      </div>
      <button type="button" className="nav search" onClick={onSearch}>
        <Search size={15} strokeWidth={1.6} aria-hidden />
        {t("searchAll")}
        <kbd>{APPLE ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <TodayLink />
      <Link className="nav" to="/signals">
        <Radio size={16} strokeWidth={1.6} aria-hidden />
        {t("signalsPage")}
      </Link>
      <Link className="nav" to="/health">
        <HeartPulse size={16} strokeWidth={1.6} aria-hidden />
        {t("healthPage")}
      </Link>
      <Link className="nav" to="/meeting">
        <Timer size={16} strokeWidth={1.6} aria-hidden />
        {t("meetingPage")}
      </Link>
      <Link className="nav" to="/boards">
        <ChartColumn size={16} strokeWidth={1.6} aria-hidden />
        {t("boards")}
      </Link>
      <BoardLinks />
      <h2>{t("business")}</h2>
      <ObjectLinks objects={objects.filter((each) => !each.builtin)} />
      <h2>{t("organisation")}</h2>
      <ObjectLinks objects={objects.filter((each) => each.builtin && !ON_OWN_PAGES.has(each.key))} />
      {pages.length > 0 && <h2>{t("build")}</h2>}
      {pages.map(({ to, word, Icon }) => (
        <Link key={to} className="nav" to={to}>
          <Icon size={16} strokeWidth={1.6} aria-hidden />
          {t(word)}
        </Link>
      ))}
      <span className="push" />
      <div className="side-foot">
        <Link className="nav" to="/profile">
          <UserRound size={16} aria-hidden />
          {t("profile")}
        </Link>
        <SideButton label={dark ? t("themeLight") : t("theme")} onClick={toggle}>
          {dark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
        </SideButton>
        <SideButton label={t("language")} onClick={() => chooseLanguage(language === "zh" ? "en" : "zh")}>
          <Languages size={16} aria-hidden />
        </SideButton>
        <SideButton label={t("signOut")} onClick={() => signOut.mutate()}>
          <LogOut size={16} aria-hidden />
        </SideButton>
      </div>
    </nav>
  );
}

function SideButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className="nav" aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The way to one's day, with the number of what needs one now. */
function TodayLink() {
  const { t } = useWords();
  const tasks = useMyTasks().data?.items ?? [];
  const signals = useMySignals().data?.items ?? [];
  const now = new Date();
  const urgent =
    tasks.filter((each) => urgencyOf(each, now) === "now").length +
    signals.filter((each) => each.level === "red").length;
  return (
    <Link className="nav" to="/" activeOptions={{ exact: true }}>
      <SunMedium size={16} strokeWidth={1.6} aria-hidden />
      {t("todayPage")}
      {urgent > 0 && <b className="nav-count">{urgent}</b>}
    </Link>
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
  const { t, say } = useWords();
  const objects = useObjects()
    .filter((each) => !ON_OWN_PAGES.has(each.key))
    .slice(0, 3);
  return (
    <nav className="tabs" aria-label="tabs">
      <Link className="nav" to="/" activeOptions={{ exact: true }}>
        <SunMedium size={20} strokeWidth={1.6} aria-hidden />
        {t("todayPage")}
      </Link>
      <Link className="nav" to="/signals">
        <Radio size={20} strokeWidth={1.6} aria-hidden />
        {t("signalsPage")}
      </Link>
      {objects.map((each) => (
        <Link key={each.key} className="nav" to="/records/$object" params={{ object: each.key }}>
          <ObjectIcon object={each} size={20} />
          {say(each.label)}
        </Link>
      ))}
      <Link className="nav" to="/profile">
        <UserRound size={20} strokeWidth={1.6} aria-hidden />
        {t("mineWord")}
      </Link>
    </nav>
  );
}

export function Missing() {
  const { t } = useWords();
  return (
    <Empty title={t("notFound")} lead={t("notFoundLead")}>
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
