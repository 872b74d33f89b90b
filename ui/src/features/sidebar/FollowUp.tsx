import { Link } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { Paperclip, X } from "lucide-react";
import { useRef, useState } from "react";
import type { ChatOf } from "../../api/schema";
import { useWords } from "../../app/language";
import { sendFile } from "../transfer/sending";
import { useTakeOver } from "./chats";

interface Attached {
  id: string;
  name: string;
}

/** A follow-up in one's own words, with files and with messages ticked below; customer, person and moment fill themselves. */
export function FollowUp(props: { source: string; of: ChatOf; messages: ReadonlySet<string>; onDone: () => void }) {
  const { source, of, messages, onDone } = props;
  const { t } = useWords();
  const [note, setNote] = useState("");
  const [files, setFiles] = useState<Attached[]>([]);
  const key = useRef(crypto.randomUUID());
  const takeOver = useTakeOver(source, of);
  const empty = note.trim() === "" && files.length === 0 && messages.size === 0;
  const send = () =>
    takeOver.mutate(
      {
        note: note.trim() || null,
        files: files.map((each) => each.id),
        messages: [...messages],
        key: key.current,
      },
      {
        onSuccess: () => {
          key.current = crypto.randomUUID();
          setNote("");
          setFiles([]);
          onDone();
        },
      },
    );
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
      <Files files={files} onChange={setFiles} />
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

/** Files are stored as they are chosen; they belong to the follow-up once it is logged. */
function Files({ files, onChange }: { files: Attached[]; onChange: (files: Attached[]) => void }) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const add = async (given: readonly File[]) => {
    setBusy(true);
    setFault("");
    try {
      const sent = await Promise.all(given.map(async (each) => ({ id: await sendFile(each), name: each.name })));
      onChange([...files, ...sent]);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {files.map((each) => (
        <p key={each.id} className="side-bar-file">
          <span>{each.name}</span>
          <Button
            type="text"
            size="small"
            aria-label={`${t("removeFile")} ${each.name}`}
            icon={<X size={13} aria-hidden />}
            onClick={() => onChange(files.filter((other) => other.id !== each.id))}
          />
        </p>
      ))}
      {fault && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t("addFile")}
        onChange={(event) => {
          void add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <Button
        size="small"
        icon={<Paperclip size={13} aria-hidden />}
        loading={busy}
        onClick={() => input.current?.click()}
      >
        {t("addFile")}
      </Button>
    </>
  );
}
