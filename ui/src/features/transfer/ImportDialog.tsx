import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Progress, Select, Upload } from "antd";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { call, Problem } from "../../api/client";
import { refresh } from "../../api/queries";
import type { Fault, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { inputsOf } from "../records/columns";
import { type Job, sendFile } from "./sending";

interface Guess {
  column: string;
  field: string | null;
  match: string | null;
}

interface Preview {
  columns: Guess[];
  rows: string[][];
  total: number | null;
  tried: number;
  inserted: number;
  refused: number;
  faults: Fault[];
}

/** A spreadsheet becomes records: columns guessed, the first rows tried, faults shown, then a job that can be undone. */
export function ImportDialog({ object, onClose }: { object: ObjectDef; onClose: () => void }) {
  const { t, say } = useWords();
  const [file, setFile] = useState<string>();
  const [columns, setColumns] = useState<Guess[]>();
  const [preview, setPreview] = useState<Preview>();
  const [job, setJob] = useState<string>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setFault(error.message);
    } finally {
      setBusy(false);
    }
  };
  const request = (id: string, chosen: Guess[] | undefined) => ({
    file: id,
    ...(chosen
      ? { columns: chosen.filter((each) => each.field).map(({ column, field, match }) => ({ column, field, match })) }
      : {}),
  });
  const look = async (id: string, chosen: Guess[] | undefined) => {
    const path = `/api/records/${object.key}/import?preview=true`;
    const found = await call<Preview>("POST", path, request(id, chosen));
    setPreview(found);
    if (!chosen) setColumns(found.columns);
  };
  const choose = (content: File) =>
    attempt(async () => {
      const id = await sendFile(content);
      setFile(id);
      await look(id, undefined);
    });
  const map = (column: string, field: string | null) =>
    attempt(async () => {
      const next = (columns ?? []).map((each) => (each.column === column ? { ...each, field, match: null } : each));
      setColumns(next);
      if (file) await look(file, next);
    });
  const start = () =>
    attempt(async () => {
      if (!file) return;
      const begun = await call<{ id: string }>("POST", `/api/records/${object.key}/import`, request(file, columns));
      setJob(begun.id);
    });

  return (
    <Modal
      open
      width={760}
      title={t("importOf", { name: say(object.label) })}
      onCancel={onClose}
      cancelText={job ? t("close") : t("cancel")}
      okText={t("import")}
      okButtonProps={{ disabled: !preview, loading: busy, style: job ? { display: "none" } : {} }}
      onOk={() => void start()}
    >
      {job ? (
        <Running id={job} object={object} />
      ) : preview && columns ? (
        <Mapping
          object={object}
          columns={columns}
          preview={preview}
          onMap={(column, field) => void map(column, field)}
        />
      ) : (
        <Upload.Dragger
          accept=".csv,.tsv,.txt,.xlsx,.xls,.jsonl,.ndjson,.parquet"
          showUploadList={false}
          disabled={busy}
          beforeUpload={(content) => {
            void choose(content);
            return false;
          }}
        >
          <FileUp size={28} strokeWidth={1.4} aria-hidden />
          <p>{t("dropFile")}</p>
          <p className="blank">CSV · XLSX · JSON Lines · Parquet</p>
        </Upload.Dragger>
      )}
      {fault && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
    </Modal>
  );
}

function Mapping(props: {
  object: ObjectDef;
  columns: Guess[];
  preview: Preview;
  onMap: (column: string, field: string | null) => void;
}) {
  const { object, columns, preview, onMap } = props;
  const { t, say } = useWords();
  const options = inputsOf(object).map((field) => ({ value: field.key, label: say(field.label) }));
  return (
    <>
      <table className="plain">
        <thead>
          <tr>
            <th>{t("column")}</th>
            <th>{t("field")}</th>
            <th>{t("example")}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((each, at) => (
            <tr key={each.column}>
              <td>{each.column}</td>
              <td>
                <Select
                  aria-label={each.column}
                  style={{ width: 190 }}
                  allowClear
                  placeholder={t("leaveOut")}
                  value={each.field}
                  onChange={(field: string | undefined) => onMap(each.column, field ?? null)}
                  options={options}
                />
              </td>
              <td className="blank">{preview.rows[0]?.[at]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t("tried", { count: preview.tried, good: preview.tried - preview.refused, refused: preview.refused })}</p>
      {preview.faults.slice(0, 8).map((each) => (
        <p key={`${each.row}${each.field}${each.code}`} className="fault">
          {t("row", { row: each.row })} {each.message}
        </p>
      ))}
    </>
  );
}

/** The job as it goes on; afterwards its account, the refused rows, and the way back. */
function Running({ id, object }: { id: string; object: ObjectDef }) {
  const { t } = useWords();
  const client = useQueryClient();
  const job = useQuery({
    queryKey: ["job", id],
    queryFn: async () => {
      const found = await call<Job>("GET", `/api/jobs/${id}`);
      if (found.state === "done") refresh(client, object.key);
      return found;
    },
    refetchInterval: (query) => (ENDED.has(query.state.data?.state ?? "") ? false : 400),
  });
  const undo = async () => {
    await call("POST", `/api/jobs/${id}/undo`, {});
    await client.invalidateQueries();
  };
  const found = job.data;
  if (!found) return null;
  const account = found.result;
  const part = found.total ? Math.round((100 * found.done) / found.total) : 0;
  return (
    <section aria-live="polite">
      <Progress
        percent={found.state === "done" ? 100 : part}
        status={found.state === "failed" ? "exception" : "normal"}
      />
      {found.error && <p className="fault">{found.error.detail ?? found.error.title}</p>}
      {account && (
        <>
          <p>
            {t("account", {
              read: account.read,
              inserted: account.inserted,
              updated: account.updated,
              refused: account.refused,
            })}
          </p>
          {account.refused > 0 && (
            <p>
              <a href={`/api/jobs/${id}/refused`}>{t("refusedFile")}</a>
            </p>
          )}
          <Button size="small" onClick={() => void undo()}>
            {t("undoImport")}
          </Button>
        </>
      )}
    </section>
  );
}

const ENDED = new Set(["done", "failed", "cancelled", "undone"]);
