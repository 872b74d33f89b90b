import { Button, Image, Spin } from "antd";
import { Download, FileText, Paperclip, X } from "lucide-react";
import { useRef, useState } from "react";
import type { FieldDef, FieldValue } from "../../api/types";
import { useWords } from "../../app/language";
import { sendFile } from "../transfer/sending";
import { type FileNote, sizeText, useFileNote } from "./file-notes";
import "../../design/record.css";

/** The files of a field: seen, opened, added by choosing or dropping, taken away. */
export function FileField(props: {
  id: string;
  field: FieldDef;
  value: FieldValue | undefined;
  editable: boolean;
  onChange: (value: FieldValue) => void;
}) {
  const { id, field, value, editable, onChange } = props;
  const { t, say } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const files = Array.isArray(value) ? value.map(String) : [];
  const add = async (given: FileList | null) => {
    if (given === null || given.length === 0) return;
    setBusy(true);
    setFault("");
    try {
      const sent: string[] = [];
      for (const each of given) sent.push(await sendFile(each));
      onChange([...files, ...sent]);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut of the button
    <div
      className="files"
      onDragOver={(event) => editable && event.preventDefault()}
      onDrop={(event) => {
        if (!editable) return;
        event.preventDefault();
        void add(event.dataTransfer.files);
      }}
    >
      {files.length > 0 && (
        <ul>
          <Image.PreviewGroup>
            {files.map((each) => (
              <FileLine
                key={each}
                file={each}
                {...(editable ? { onRemove: () => onChange(files.filter((other) => other !== each)) } : {})}
              />
            ))}
          </Image.PreviewGroup>
        </ul>
      )}
      {editable && (
        <>
          <input
            ref={input}
            id={id}
            type="file"
            multiple
            hidden
            aria-label={say(field.label)}
            accept={Array.isArray(field.options.accept) ? field.options.accept.join(",") : undefined}
            onChange={(event) => {
              void add(event.target.files);
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
      )}
      {fault && (
        <div role="alert" className="fault">
          {fault}
        </div>
      )}
    </div>
  );
}

export function FileLine({ file, onRemove }: { file: string; onRemove?: () => void }) {
  const { t } = useWords();
  const note = useFileNote(file);
  const address = `/api/files/${file}`;
  if (note.isPending)
    return (
      <li>
        <Spin size="small" />
      </li>
    );
  const name = note.data?.name ?? t("fileAway");
  return (
    <li>
      <Picture address={address} note={note.data} />
      <span className="file-name" title={name}>
        {name}
        {note.data?.size != null && <span className="blank"> {sizeText(note.data.size)}</span>}
      </span>
      {note.data && (
        <a href={address} download={name} aria-label={`${t("download")} ${name}`} className="icon-link">
          <Download size={14} aria-hidden />
        </a>
      )}
      {onRemove && (
        <Button
          type="text"
          size="small"
          icon={<X size={14} aria-hidden />}
          aria-label={`${t("removeFile")} ${name}`}
          onClick={onRemove}
        />
      )}
    </li>
  );
}

/** A small picture of a picture, which opens large; a sign for everything else. */
function Picture({ address, note }: { address: string; note: FileNote | undefined }) {
  if (note === undefined || !/^image\/(png|jpeg|gif|webp)$/.test(note.mediaType))
    return <FileText size={16} strokeWidth={1.6} aria-hidden />;
  return <Image src={address} alt={note.name} width={36} height={36} style={{ objectFit: "cover" }} />;
}
