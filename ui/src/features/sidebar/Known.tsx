import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { Unlink } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useModel } from "../../api/queries";
import type { ChatOf, ChatRecord } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { ObjectIcon } from "../../design/ObjectIcon";
import { Colour } from "../records/Figures";
import { useClasses } from "../records/figures";
import { Pinned } from "../records/RecordTabs";
import { useEntryOffers } from "../today/entries";
import { LightEntries } from "../today/LightEntry";
import { AskedNow } from "./AskedNow";
import { useLink } from "./chats";
import { FollowUp } from "./FollowUp";
import { followUpsOf } from "./follow-ups";
import { Lately } from "./Lately";
import { OpenTasks } from "./OpenTasks";
import { Packs } from "./Packs";
import type { WeComWindow } from "./wecom-window";

const CapturePanel = lazy(() => import("../capture/CapturePanel").then((room) => ({ default: room.CapturePanel })));

interface Standing {
  source: string;
  of: ChatOf;
  /** WeCom's window, where the page stands in one. */
  around: WeComWindow | null;
}

/** The customer of the chat: how he stands and why, what can be noted by one tap, what is open, what was said. */
export function Known({ record, ...standing }: Standing & { record: ChatRecord }) {
  const object = useModel().data?.objects.find((each) => each.key === record.object);
  return (
    <>
      <Linked source={standing.source} of={standing.of} record={record} object={object} />
      {object && <About {...standing} object={object} id={record.id} />}
    </>
  );
}

function Linked(props: { source: string; of: ChatOf; record: ChatRecord; object: ObjectDef | undefined }) {
  const { source, of, record, object } = props;
  const { t, say } = useWords();
  const { message } = App.useApp();
  const { unlink } = useLink(source, of);
  return (
    <p className="side-bar-linked">
      {object && <ObjectIcon object={object} />}
      <span className="blank">{say(object?.label)}</span>
      <Link to="/records/$object/$id" params={{ object: record.object, id: record.id }}>
        {record.label}
      </Link>
      {record.by_person && (
        <Button
          type="text"
          size="small"
          icon={<Unlink size={13} aria-hidden />}
          loading={unlink.isPending}
          onClick={() =>
            unlink.mutate(undefined, {
              onSuccess: () => void message.success(t("sideBar.unlinked")),
              onError: (error) => void message.error(error.message, 6),
            })
          }
        >
          {t("sideBar.unlink")}
        </Button>
      )}
    </p>
  );
}

const NOTHING: ReadonlySet<string> = new Set();

function About({ source, of, around, object, id }: Standing & { object: ObjectDef; id: string }) {
  const { t } = useWords();
  const [messages, setMessages] = useState(NOTHING);
  const offers = useEntryOffers(id).data ?? [];
  const followUps = followUpsOf(useModel().data?.objects ?? [], offers);
  const classes = useClasses(object.key, id, (object.metrics ?? []).length > 0);
  return (
    <>
      {(classes.data?.items ?? []).map((each) => (
        <Colour key={each.segment} object={object} standing={each} />
      ))}
      <Pinned object={object} id={id} />
      <AskedNow object={object} id={id} />
      <LightEntries near={id} />
      <OpenTasks object={object.key} id={id} />
      <Packs object={object.key} id={id} around={around} />
      <section className="side-bar-part" aria-label={t("captures")}>
        <h2>{t("captures")}</h2>
        <Suspense fallback={null}>
          <CapturePanel object={object} id={id} />
        </Suspense>
      </section>
      {followUps && (
        <FollowUp
          source={source}
          of={of}
          place={followUps.files}
          messages={messages}
          onDone={() => setMessages(NOTHING)}
        />
      )}
      <Lately
        object={object.key}
        id={id}
        said={followUps?.messages ?? NOTHING}
        chosen={messages}
        onChoose={setMessages}
      />
    </>
  );
}
