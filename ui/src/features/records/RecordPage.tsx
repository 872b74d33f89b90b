import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Tabs } from "antd";
import { ChevronRight } from "lucide-react";
import { useModel, useRecord } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Missing } from "../../app/Missing";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { Details } from "./Details";
import { useClasses } from "./figures";
import { useRecordName } from "./RecordPanel";
import { Pinned, RecordTabs, useAside } from "./RecordTabs";

/** A record on a page of its own: the form, and beside it figures, related records and what happened. */
export function RecordPage() {
  const { object: key, id } = useParams({ from: "/records/$object/$id" });
  const { t } = useWords();
  const model = useModel();
  const object = model.data?.objects.find((each) => each.key === key);
  const record = useRecord(key, id);
  if (model.isSuccess && object === undefined) return <Missing />;
  if (object === undefined) return null;
  if (record.isError)
    return (
      <Empty title={record.error.message} lead="">
        <Link to="/records/$object" params={{ object: key }}>
          {t("backToList")}
        </Link>
      </Empty>
    );
  return <Page key={id} object={object} id={id} />;
}

function Page({ object, id }: { object: ObjectDef; id: string }) {
  const { say } = useWords();
  const navigate = useNavigate();
  const phone = usePhone();
  const name = useRecordName(object, id);
  const aside = useAside(object, id);
  const props = {
    object,
    id,
    onOpen: (other: string) => void navigate({ to: "/records/$object/$id", params: { object: object.key, id: other } }),
    onClose: () => void navigate({ to: "/records/$object", params: { object: object.key } }),
  };
  return (
    <>
      <header className="bar">
        <nav className="crumbs" aria-label={say(object.label)}>
          <Link to="/records/$object" params={{ object: object.key }}>
            {say(object.plural ?? object.label)}
          </Link>
          <ChevronRight size={13} aria-hidden />
        </nav>
        <PageTitle className="record-name">{name}</PageTitle>
        {!phone && <Standings object={object} id={id} />}
      </header>
      <div className="page record-page">
        {phone ? (
          <RecordTabs {...props} />
        ) : (
          <>
            <div className="record-main">
              <Pinned object={object} id={id} />
              <Details {...props} />
            </div>
            <aside className="record-aside">
              <Tabs tabBarGutter={20} items={aside} />
            </aside>
          </>
        )}
      </div>
    </>
  );
}

function Standings({ object, id }: { object: ObjectDef; id: string }) {
  const classes = useClasses(object.key, id, (object.metrics ?? []).length > 0);
  return (classes.data?.items ?? []).map((each) => (
    <Level key={each.segment} level={LEVELS.find((level) => level === each.colour) ?? "info"}>
      {each.class_label}
    </Level>
  ));
}

const LEVELS = ["red", "yellow", "green"] as const;
