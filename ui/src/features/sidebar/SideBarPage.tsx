import { useSearch } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { useLive } from "../../api/live";
import { useMe } from "../../api/queries";
import type { ChatOf } from "../../api/schema";
import { useWords } from "../../app/language";
import { LiveContext } from "../../app/live-context";
import { Offline } from "../../app/Offline";
import { SignIn } from "../../app/SignIn";
import { Empty } from "../../design/Empty";
import { type ChatSearch, USUAL_SOURCE } from "./chat-search";
import { chatOf, useChatCustomers, useWindow } from "./chats";
import { Known } from "./Known";
import { Unknown } from "./Unknown";
import { type Chat, type WeComWindow, WindowRefusal } from "./wecom-window";
import "./sidebar.css";

/** The page in the bar beside a WeCom chat: who the customer is, how he stands, what to do, nothing to type (S2-19). */
export function SideBarPage() {
  const search = useSearch({ from: "/sidebar" });
  const me = useMe();
  const live = useLive(me.isSuccess);
  if (me.error instanceof Problem && me.error.status === 401)
    return <SignIn stopped={{ ...wayIn(search), onSignedIn: () => void me.refetch() }} />;
  return (
    <LiveContext.Provider value={live}>
      <main className="side-bar">
        <Offline />
        {me.isError && <Trouble error={me.error} again={() => void me.refetch()} />}
        {me.isSuccess && <Beside search={search} />}
      </main>
    </LiveContext.Provider>
  );
}

/** By whose members' way one comes in, and back to this very chat. */
const wayIn = ({ workspace, source = USUAL_SOURCE }: ChatSearch) => ({
  from: window.location.pathname + window.location.search,
  place: workspace && `${workspace}/${source}`,
});

function Beside({ search }: { search: ChatSearch }) {
  const { t } = useWords();
  const source = search.source ?? USUAL_SOURCE;
  const around = useWindow(source);
  const chat = chatOf(search) ?? around.data?.chat;
  if (chat !== undefined && chat !== null)
    return <Customers key={chat.id} source={source} chat={chat} around={around.data ?? null} />;
  if (around.isError) return <Trouble error={around.error} again={() => void around.refetch()} />;
  if (around.data === undefined) return <p className="blank">{t("loading")}</p>;
  return (
    <Empty title={t("sideBar.noChat")} lead={t(around.data === null ? "sideBar.noChatLead" : "sideBar.notBeside")} />
  );
}

/** A room may have several customers: one of them at a time. */
function Customers({ source, chat, around }: { source: string; chat: Chat; around: WeComWindow | null }) {
  const { t } = useWords();
  const found = useChatCustomers(source, chat);
  const [chosen, setChosen] = useState<string>();
  if (found.isError) return <Trouble error={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return <p className="blank">{t("loading")}</p>;
  const shown = found.data.find((each) => each.external_user_id === chosen) ?? found.data[0];
  if (shown === undefined) return <Empty title={t("sideBar.nobody")} lead={t("sideBar.nobodyLead")} />;
  return (
    <>
      {found.data.length > 1 && (
        <Segmented
          block
          aria-label={t("sideBar.whichCustomer")}
          value={shown.external_user_id}
          options={found.data.map((each) => ({ value: each.external_user_id, label: each.name }))}
          onChange={setChosen}
        />
      )}
      <Customer key={shown.external_user_id} source={source} of={shown} around={around} />
    </>
  );
}

function Customer({ source, of, around }: { source: string; of: ChatOf; around: WeComWindow | null }) {
  const { t } = useWords();
  return (
    <>
      <header className="side-bar-contact">
        <h1>{of.name || of.external_user_id}</h1>
        {of.company && <p className="lead">{of.company}</p>}
      </header>
      {of.elsewhere && <p className="lead">{t("sideBar.elsewhere")}</p>}
      {of.record === null && !of.elsewhere && <Unknown source={source} of={of} />}
      {of.record !== null && <Known key={of.record.id} source={source} of={of} record={of.record} around={around} />}
    </>
  );
}

function Trouble({ error, again }: { error: Error; again: () => void }) {
  const { t } = useWords();
  return (
    <Empty
      title={t("sideBar.stopped")}
      lead={error instanceof WindowRefusal ? t("sideBar.refused", { reason: error.message }) : error.message}
    >
      <Button onClick={again}>{t("retry")}</Button>
    </Empty>
  );
}
