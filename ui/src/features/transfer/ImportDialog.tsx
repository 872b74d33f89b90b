import { Modal, Upload } from "antd";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { Problem } from "../../api/client";
import type { ColumnGuessed, ImportPreview } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Faults } from "../../designers/change/Faults";
import { inputsOf } from "../records/columns";
import { Counts, Mapping, nothingComes } from "./Mapping";
import { Meeting, usualKey } from "./Meeting";
import { previewImport, startImport, type Wishes } from "./queries";
import { Running } from "./Running";
import { sendFile } from "./sending";
import "../../design/transfer.css";

/** A spreadsheet becomes records: columns guessed, the first rows tried, faults shown, then a job that can be undone. */
export function ImportDialog({ object, onClose }: { object: ObjectDef; onClose: () => void }) {
  const { t, say } = useWords();
  const [file, setFile] = useState<string>();
  const [wishes, setWishes] = useState<Wishes>({ mode: "insert", key: [], blanks: "keep" });
  const [preview, setPreview] = useState<ImportPreview>();
  const [job, setJob] = useState<string>();
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setRefused(undefined);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const mappedOf = (columns: ColumnGuessed[] = []) =>
    inputsOf(object).filter((field) => columns.some((each) => each.field === field.key));
  const choose = (content: File) =>
    attempt(async () => {
      const id = await sendFile(content);
      const found = await previewImport(object.key, id, wishes);
      setFile(id);
      setPreview(found);
      setWishes({ ...wishes, columns: found.columns, key: usualKey(mappedOf(found.columns), object.title) });
    });
  const wish = (part: Partial<Wishes>) => {
    const next = { ...wishes, ...part };
    const mapped = mappedOf(next.columns);
    const kept = next.key.filter((key) => mapped.some((each) => each.key === key));
    next.key = kept.length > 0 || part.key ? kept : usualKey(mapped, object.title);
    setWishes(next);
    return attempt(async () => {
      if (file && isComplete(next)) setPreview(await previewImport(object.key, file, next));
    });
  };
  const map = (column: string, field: string | null) =>
    wish({
      columns: (wishes.columns ?? []).map((each) =>
        each.column === column ? { column, field, match: null, how: null, sure: null } : each,
      ),
    });
  const start = () =>
    attempt(async () => {
      if (file) setJob((await startImport(object.key, file, wishes)).id);
    });
  const ready = preview !== undefined && !nothingComes(preview) && refused === undefined && isComplete(wishes);

  return (
    <Modal
      open
      width={760}
      title={t("importOf", { name: say(object.label) })}
      onCancel={onClose}
      cancelText={job ? t("close") : t("cancel")}
      okText={t("import")}
      okButtonProps={{ disabled: !ready, loading: busy, style: job ? { display: "none" } : {} }}
      cancelButtonProps={{ type: job ? "primary" : "default" }}
      onOk={() => void start()}
    >
      {job ? (
        <Running id={job} object={object.key} />
      ) : preview && wishes.columns ? (
        <>
          <Mapping
            object={object}
            columns={wishes.columns}
            preview={preview}
            onMap={(column, field) => void map(column, field)}
          />
          <Meeting wishes={wishes} mapped={mappedOf(wishes.columns)} onChange={(part) => void wish(part)} />
          {isComplete(wishes) ? <Counts preview={preview} /> : <p role="status">{t("importKeyNeeded")}</p>}
        </>
      ) : (
        <Drop busy={busy} onFile={(content) => void choose(content)} />
      )}
      {refused && <Faults message={refused.message} faults={refused.faults} />}
    </Modal>
  );
}

const isComplete = ({ mode, key }: Wishes) => mode === "insert" || key.length > 0;

function Drop({ busy, onFile }: { busy: boolean; onFile: (content: File) => void }) {
  const { t } = useWords();
  return (
    <Upload.Dragger
      accept=".csv,.tsv,.txt,.xlsx,.xls,.jsonl,.ndjson,.parquet"
      showUploadList={false}
      disabled={busy}
      beforeUpload={(content) => {
        onFile(content);
        return false;
      }}
    >
      <FileUp size={28} strokeWidth={1.4} aria-hidden />
      <p>{t("dropFile")}</p>
      <p className="blank">CSV · XLSX · JSON Lines · Parquet</p>
    </Upload.Dragger>
  );
}
