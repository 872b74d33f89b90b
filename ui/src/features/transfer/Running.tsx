import { useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { CircleCheck, Download, TriangleAlert, Undo2 } from "lucide-react";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Faults } from "../../designers/change/Faults";
import { type Account, hasEnded, useJob } from "./queries";

/** An import as it goes on; afterwards its account, the refused rows, and the way back. */
export function Running({ id, object }: { id: string; object: string }) {
  const { t } = useWords();
  const job = useJob(id, object).data;
  if (!job) return null;
  const account = job.result as unknown as Account | null;
  const part = job.total ? Math.round((100 * job.done) / job.total) : 0;
  return (
    <section aria-live="polite" className="import-running">
      {(!account || job.error) && <Progress percent={part} status={job.state === "failed" ? "exception" : "normal"} />}
      {job.error && <p className="fault">{job.error.message}</p>}
      {account && (
        <>
          <p className="import-account">
            {account.refused > 0 ? (
              <TriangleAlert size={16} className="fault" aria-hidden />
            ) : (
              <CircleCheck size={16} className="holds" aria-hidden />
            )}
            {t("account", { ...account })}
          </p>
          {account.refused > 0 && <p className="blank">{t("importRefusedLead")}</p>}
          <div className="import-after">
            {account.refused > 0 && (
              <Button icon={<Download size={14} aria-hidden />} href={`/api/jobs/${id}/refused`}>
                {t("refusedFile")}
              </Button>
            )}
            {account.inserted + account.updated > 0 && <Undo job={id} object={object} />}
          </div>
        </>
      )}
    </section>
  );
}

/** Takes the whole import back, as a job of its own that is followed to its end. */
function Undo({ job, object }: { job: string; object: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [undoing, setUndoing] = useState<string>();
  const [refused, setRefused] = useState<Problem>();
  const undo = async () => {
    try {
      setUndoing((await told(api.POST("/api/jobs/{id}/undo", { params: { path: { id: job } } }))).id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefused(error);
    }
    await client.invalidateQueries();
  };
  if (undoing !== undefined) return <Undoing id={undoing} object={object} />;
  return (
    <>
      {refused && <Faults message={refused.message} faults={refused.faults} />}
      <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => void undo()}>
        {t("undoImport")}
      </Button>
    </>
  );
}

function Undoing({ id, object }: { id: string; object: string }) {
  const { t } = useWords();
  const job = useJob(id, object).data;
  if (job === undefined || !hasEnded(job)) return <p className="blank">{t("loading")}</p>;
  return job.error ? <p className="fault">{job.error.message}</p> : <p role="status">{t("importUndone")}</p>;
}
