import { Link } from "@tanstack/react-router";
import { App, Button, Modal, Tabs } from "antd";
import { useModel, useRecord } from "../../api/queries";
import type { EditionShown } from "../../api/schema";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { FileLine } from "../records/FileField";
import { textOf } from "../today/tasks";
import { Readers, UsageOfEditions } from "./Keeping";
import { useEditions, useOpened, usePublish, useTell, useToConfirm } from "./packs";
import "./content.css";

/**
 * A content pack as it was published last: read, used, confirmed. Who keeps the library publishes it from here and sees
 * who has read it. What is not published yet is shown as it stands.
 */
export function PackReader(props: { id: string; about?: { object: string; id: string }; onClose: () => void }) {
  const { id, about, onClose } = props;
  const { t } = useWords();
  const record = useRecord("content", id);
  const editions = useEditions(id);
  const row = record.data;
  const newest = row?.state === "published" ? editions.data?.[0] : undefined;
  const title = newest?.title ?? (row ? textOf(row, "title") : "");
  const isKeeper = useModel().data?.objects.find((each) => each.key === "content")?.may?.update === true;
  const isReady = row !== undefined && editions.data !== undefined;
  useOpened(id, isReady && row.state === "published", about);
  const text = isReady && <Reading row={row} edition={newest} {...(about ? { about } : {})} />;
  const earlier = editions.data?.slice(1) ?? [];
  return (
    <Modal open title={title} footer={null} width={760} onCancel={onClose}>
      {record.isError && <p className="fault">{record.error.message}</p>}
      {isKeeper && row ? (
        <>
          <Keeper id={id} edition={Number(row.edition ?? 0)} />
          <Tabs
            items={[
              { key: "text", label: t("pack.text"), children: text },
              { key: "readers", label: t("pack.readers"), children: <Readers id={id} /> },
              { key: "usage", label: t("pack.usage"), children: <UsageOfEditions id={id} /> },
              { key: "earlier", label: t("pack.earlier"), children: <Earlier editions={earlier} /> },
            ]}
          />
        </>
      ) : (
        text
      )}
    </Modal>
  );
}

/** What was published moments ago, by an app or an import, may have no edition yet: the record says the same. */
function Reading(props: { row: RecordRow; edition: EditionShown | undefined; about?: { object: string; id: string } }) {
  const { row, edition, about } = props;
  const { id } = row;
  const { t } = useWords();
  const { message } = App.useApp();
  const tell = useTell(id, about);
  const mustConfirm = useToConfirm().data?.some((each) => each.id === id) === true;
  const isPublished = row.state === "published";
  const say = (event: "used" | "confirmed", done: string) =>
    tell.mutate(event, {
      onSuccess: () => void message.success(done),
      onError: (error) => void message.error(error.message, 6),
    });
  return (
    <>
      {edition && <Dated edition={edition} />}
      {!isPublished && <p className="lead">{t("pack.draftLead")}</p>}
      <p className="pack-text">{edition ? edition.body : textOf(row, "body")}</p>
      {edition && <Attached files={edition.files} />}
      {isPublished && (
        <div className="pack-acts">
          {mustConfirm && (
            <Button type="primary" loading={tell.isPending} onClick={() => say("confirmed", t("pack.confirmed"))}>
              {t("pack.confirm")}
            </Button>
          )}
          <Button onClick={() => say("used", t("pack.usedKept"))}>{t("pack.use")}</Button>
        </div>
      )}
    </>
  );
}

function Attached({ files }: { files: string[] }) {
  if (files.length === 0) return null;
  return (
    <ul className="files">
      {files.map((each) => (
        <FileLine key={each} file={each} />
      ))}
    </ul>
  );
}

function Dated({ edition }: { edition: EditionShown }) {
  const { t, language } = useWords();
  const when = new Date(edition.published_at).toLocaleDateString(language === "zh" ? "zh-CN" : "en");
  return (
    <p className="lead">
      {t("pack.edition", { edition: edition.edition, when })}
      {edition.must_read && ` · ${t("pack.mustRead")}`}
    </p>
  );
}

function Keeper({ id, edition }: { id: string; edition: number }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const publish = usePublish(id);
  const send = () =>
    publish.mutate(undefined, {
      onSuccess: (found) => void message.success(t("pack.published", { edition: found.edition })),
      onError: (error) => void message.error(error.message, 6),
    });
  return (
    <div className="pack-acts">
      <Button loading={publish.isPending} onClick={send}>
        {t("pack.publish", { edition: edition + 1 })}
      </Button>
      <Link to="/records/$object/$id" params={{ object: "content", id }}>
        {t("pack.edit")}
      </Link>
    </div>
  );
}

function Earlier({ editions }: { editions: EditionShown[] }) {
  const { t } = useWords();
  if (editions.length === 0) return <p className="lead">{t("pack.noEarlier")}</p>;
  return editions.map((each) => (
    <details key={each.edition}>
      <summary>{each.title}</summary>
      <Dated edition={each} />
      <p className="pack-text">{each.body}</p>
      <Attached files={each.files} />
    </details>
  ));
}
