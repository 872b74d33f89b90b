import { Link } from "@tanstack/react-router";
import { ChevronRight, Languages, LayoutGrid, LogOut, Moon, Search, Sun, UserRound } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useModel, useSignOut } from "../api/queries";
import type { Me, ObjectDef } from "../api/types";
import { BoardLinks } from "../features/boards/BoardLinks";
import { Bell } from "../features/notices/Bell";
import { countOf, ofUrgency } from "../features/today/day";
import { MINE, useGathered } from "../features/today/matters";
import { buildPages } from "./build-pages";
import { chooseLanguage, useWords } from "./language";
import { mostUsed, type useNavigation } from "./navigation";
import { useTheme } from "./theme";
import { WayToPage, WayToRecords, WORK_PAGES } from "./ways";

// What people work with every day stands on pages of its own.
const ON_OWN_PAGES: ReadonlySet<string> = new Set(["task", "signal", "content"]);

export type Navigation = ReturnType<typeof useNavigation>;

/** The objects of the company's business, and those that every company has. */
export function useObjects(): { business: ObjectDef[]; organisation: ObjectDef[] } {
  const objects = useModel().data?.objects ?? [];
  return {
    business: objects.filter((each) => !each.builtin),
    organisation: objects.filter((each) => each.builtin && !ON_OWN_PAGES.has(each.key)),
  };
}

/** All ways: beside the page on the desk; on a phone over it, when asked for. */
export function Side(props: {
  me: Me;
  navigation: Navigation;
  shown: boolean;
  onSearch: () => void;
  onLeave: () => void;
}) {
  const { me, navigation, shown, onSearch, onLeave } = props;
  const { t, say } = useWords();
  const { business, organisation } = useObjects();
  const { used, others } = mostUsed(business, navigation.visits);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (shown) first.current?.focus();
  }, [shown]);
  return (
    <nav
      id="ways"
      className="side"
      data-shown={shown}
      aria-label={say(me.workspace.label)}
      onKeyDown={(event) => event.key === "Escape" && onLeave()}
    >
      <div className="brand">
        <img src="/favicon.svg" alt="" />
        <span className="brand-name">{say(me.workspace.label)}</span>
        <Bell />
      </div>
      <button ref={first} type="button" className="nav search" onClick={onSearch}>
        <Search size={15} strokeWidth={1.6} aria-hidden />
        {t("searchAll")}
        <kbd>{APPLE ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <Pages />
      <Part name="business" label={t("business")} navigation={navigation} open>
        <ObjectLinks objects={used} />
      </Part>
      {others.length > 0 && (
        <Part name="others" label={t("moreObjects", { count: others.length })} navigation={navigation}>
          <ObjectLinks objects={others} />
        </Part>
      )}
      {organisation.length > 0 && (
        <Part name="organisation" label={t("organisation")} navigation={navigation}>
          <ObjectLinks objects={organisation} />
        </Part>
      )}
      <BuildPart me={me} navigation={navigation} />
      <span className="push" />
      <Foot />
    </nav>
  );
}

/** The pages of every day; one's day with the number of what needs one now, the boards with those that are there. */
function Pages() {
  return (
    <>
      {WORK_PAGES.map((page) => (
        <WayToPage key={page.to} page={page}>
          {page.to === "/" && <Urgent />}
        </WayToPage>
      ))}
      <BoardLinks />
    </>
  );
}

/** What is one's own, and what holds on every page. */
function Foot() {
  const { t, language } = useWords();
  const { dark, toggle } = useTheme();
  const signOut = useSignOut();
  return (
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
  );
}

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** A part that opens and closes; closed, it still shows where one is. */
function Part(props: { name: string; label: string; navigation: Navigation; open?: boolean; children: ReactNode }) {
  const { name, label, navigation, open: unlessSaid = false, children } = props;
  const open = navigation.isOpen(name, unlessSaid);
  return (
    <>
      <h2>
        <button type="button" aria-expanded={open} onClick={() => navigation.toggle(name, !open)}>
          {label}
          <ChevronRight size={13} strokeWidth={1.6} aria-hidden />
        </button>
      </h2>
      <div className="nav-part" data-open={open}>
        {children}
      </div>
    </>
  );
}

function BuildPart({ me, navigation }: { me: Me; navigation: Navigation }) {
  const { t } = useWords();
  const pages = buildPages(me.manages);
  if (pages.length === 0) return null;
  return (
    <Part name="build" label={t("build")} navigation={navigation} open>
      <Link className="nav" to="/build" activeOptions={{ exact: true }}>
        <LayoutGrid size={16} strokeWidth={1.6} aria-hidden />
        {t("buildHome")}
      </Link>
      {pages.map(({ to, word, Icon }) => (
        <Link key={to} className="nav" to={to}>
          <Icon size={16} strokeWidth={1.6} aria-hidden />
          {t(word)}
        </Link>
      ))}
    </Part>
  );
}

function SideButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className="nav" aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}

/** How many of one's own matters need one now; what one's people have is told on the page. */
function Urgent() {
  const groups = [...(useGathered("task", MINE).data ?? []), ...(useGathered("signal", MINE).data ?? [])];
  const urgent = countOf(ofUrgency(groups, "now"));
  return urgent > 0 && <b className="nav-count">{urgent}</b>;
}

function ObjectLinks({ objects }: { objects: ObjectDef[] }) {
  const { say } = useWords();
  return objects.map((each) => <WayToRecords key={each.key} object={each} label={say(each.plural ?? each.label)} />);
}
