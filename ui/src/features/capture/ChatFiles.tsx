import { Button } from "antd";
import { Paperclip, ScanText } from "lucide-react";
import { useState } from "react";
import type { ChatFileShown } from "../../api/schema";
import { useWords } from "../../app/language";
import { sizeText } from "../records/file-notes";
import { chatFile, chatFilePath, nameOf, useChatFiles } from "./chat-files";

/** What was sent and received in the record's chats, the newest first: opened where it lies, read by one click (S0-27). */
export function ChatFiles(props: { object: string; id: string; busy: boolean; onRead: (file: Promise<File>) => void }) {
  const { object, id, busy, onRead } = props;
  const { t } = useWords();
  const files = useChatFiles(object, id);
  if (files.isError)
    return (
      <p role="alert" className="fault">
        {files.error.message}
      </p>
    );
  if (files.data === undefined || files.data.length === 0) return null;
  return (
    <section className="chat-files" aria-label={t("chatFiles")}>
      <h3>{t("chatFiles")}</h3>
      <ul className="capture-list">
        {files.data.map((each) => (
          <ChatFileLine
            key={`${each.record} ${each.number}`}
            file={each}
            busy={busy}
            onRead={(name) => onRead(chatFile(each, name))}
          />
        ))}
      </ul>
    </section>
  );
}

function ChatFileLine(props: { file: ChatFileShown; busy: boolean; onRead: (name: string) => void }) {
  const { file, busy, onRead } = props;
  const { t, language } = useWords();
  const name = nameOf(file, t);
  return (
    <li className="chat-file">
      <ChatPicture file={file} />
      <div className="chat-file-what">
        <a href={chatFilePath(file)} target="_blank" rel="noreferrer">
          {name}
        </a>
        <span className="blank">
          {file.at !== null && (
            <time dateTime={file.at}>
              {new Date(file.at).toLocaleString(language === "en" ? "en" : "zh-CN", {
                dateStyle: "short",
                timeStyle: "short",
              })}
            </time>
          )}{" "}
          {file.size > 0 && sizeText(file.size)}
        </span>
      </div>
      <Button
        size="small"
        icon={<ScanText size={13} aria-hidden />}
        disabled={busy}
        aria-label={t("chatFileReadOne", { name })}
        onClick={() => onRead(name)}
      >
        {t("chatFileRead")}
      </Button>
    </li>
  );
}

/** A small picture of a picture; the paper clip where it is none, or the archive does not have it. */
function ChatPicture({ file }: { file: ChatFileShown }) {
  const [missing, setMissing] = useState(false);
  if (file.kind !== "image" || missing) return <Paperclip size={15} aria-hidden />;
  return <img src={chatFilePath(file)} alt="" loading="lazy" onError={() => setMissing(true)} />;
}
