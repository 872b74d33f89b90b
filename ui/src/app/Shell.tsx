import { Navigate, Outlet, useLocation, useRouter, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";
import { isStale } from "../api/entering";
import { useLive } from "../api/live";
import { useMe } from "../api/queries";
import type { Me } from "../api/types";
import { Empty } from "../design/Empty";
import { isShut } from "./build-pages";
import { useWords, withWords } from "./language";
import { LiveContext } from "./live-context";
import { NotForYou } from "./Missing";
import { useNavigation } from "./navigation";
import { Offline } from "./Offline";
import { Side } from "./Side";
import { Tabs } from "./Tabs";

const Palette = lazy(withWords(() => import("./Palette").then((found) => ({ default: found.Palette }))));

/** The frame of every signed-in page: navigation beside the work area; below it on a phone. */
export function Shell() {
  const me = useMe();
  const { pathname, href } = useLocation();
  const search = useSearch({ strict: false });
  const live = useLive(me.data !== undefined);
  if (pathname === "/sign-in")
    return me.isSuccess && isDone(search.refused) ? <GoOn to={search.from ?? "/"} /> : <Outlet />;
  if (me.error instanceof Problem && me.error.status === 401)
    return <Navigate to="/sign-in" search={href === "/" ? {} : { from: href }} />;
  if (me.data === undefined)
    return me.isError ? <Trouble message={me.error.message} again={() => void me.refetch()} /> : null;
  return (
    <LiveContext.Provider value={live}>
      <Frame key={me.data.person.id} me={me.data} />
    </LiveContext.Provider>
  );
}

/** Who is signed in has no business on the page of sign-in, but to read why another way was refused just now. */
const isDone = (refused: string | undefined) => refused === undefined || isStale(refused);

function GoOn({ to }: { to: string }) {
  const { history } = useRouter();
  useEffect(() => history.replace(to), [history, to]);
  return null;
}

function Frame({ me }: { me: Me }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  const navigation = useNavigation(me.person.id);
  const [searching, setSearching] = useState(false);
  useShortcut("k", () => setSearching(true));
  const { isMore, toggle, leave, more } = useMoreWays();
  const search = () => {
    leave();
    setSearching(true);
  };
  return (
    <div className="shell">
      <Side me={me} navigation={navigation} shown={isMore} onSearch={search} onLeave={leave} />
      <main className="work">
        <Offline />
        {isShut(pathname, me.manages) ? <NotForYou /> : <Outlet />}
      </main>
      <Tabs navigation={navigation} isMore={isMore} onMore={toggle} more={more} />
      {searching && (
        <Suspense fallback={null}>
          <Palette open onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** On a phone the navigation stands over the page until one leaves it or goes somewhere. */
function useMoreWays() {
  const [isMore, setMore] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const place = useLocation({ select: (location) => location.href });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is going elsewhere that calls for it
  useEffect(() => setMore(false), [place]);
  const leave = useCallback(() => {
    setMore((before) => {
      if (before) more.current?.focus();
      return false;
    });
  }, []);
  return { isMore, toggle: () => setMore((before) => !before), leave, more };
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
