import { Link } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { useRef, useState } from "react";
import type { ChatOf } from "../../api/schema";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FileField } from "../records/FileField";
import { useTakeOver } from "./chats";

/** A follow-up in one's own words, with files and with messages ticked below; customer, person and moment fill themselves. */
export function FollowUp(props: {
  source: string;
  of: ChatOf;
  /** The field for files, if a follow-up has one. */
  place: FieldDef | undefined;
  messages: ReadonlySet<string>;
  onDone: () => void;
}) {
  const { source, of, place, messages, onDone } = props;
  const { t } = useWords();
  const [note, setNote] = useState("");
  const [files, setFiles] = useState<string[]>([]);
  // What is sent again as it was is the same follow-up; what was changed, or comes after, is another.
  const sent = useRef({ content: "", key: "" });
  const takeOver = useTakeOver(source, of);
  const empty = note.trim() === "" && files.length === 0 && messages.size === 0;
  const send = () => {
    const given = { note: note.trim() || null, files, messages: [...messages] };
    const content = JSON.stringify(given);
    if (sent.current.content !== content) sent.current = { content, key: crypto.randomUUID() };
    takeOver.mutate(
      { ...given, key: sent.current.key },
      {
        onSuccess: () => {
          sent.current = { content: "", key: "" };
          setNote("");
          setFiles([]);
          onDone();
        },
      },
    );
  };
  return (
    <section className="side-bar-part" aria-label={t("sideBar.followUp")}>
      <h2>{t("sideBar.followUp")}</h2>
      <Input.TextArea
        aria-label={t("sideBar.note")}
        placeholder={t("sideBar.note")}
        autoSize={{ minRows: 2, maxRows: 6 }}
        maxLength={10_000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      {place && (
        <FileField
          id="side-bar-files"
          field={place}
          value={files}
          editable
          onChange={(given) => setFiles((given as string[] | null) ?? [])}
        />
      )}
      {takeOver.isError && (
        <p role="alert" className="fault">
          {takeOver.error.message}
        </p>
      )}
      <div className="side-bar-acts">
        <Button type="primary" disabled={empty} loading={takeOver.isPending} onClick={send}>
          {t("sideBar.log")}
        </Button>
        {messages.size > 0 && <span className="lead">{t("sideBar.withMessages", { count: messages.size })}</span>}
        {takeOver.data && empty && (
          <>
            <span role="status">{t("sideBar.logged")}</span>
            <Link to="/records/$object/$id" params={{ object: takeOver.data.object, id: takeOver.data.record }}>
              {t("sideBar.see")}
            </Link>
          </>
        )}
      </div>
    </section>
  );
}
