import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { call, Problem } from "../../api/client";
import type { Fault } from "../../api/types";
import { useWords } from "../../app/language";
import { type Preview, PreviewOfChange } from "../../features/model/PreviewOfChange";

export type ModelAction = { action: string } & Record<string, unknown>;

/** What a change of the model would do; it is put into force from here, and can be taken back afterwards. */
export function ChangeDialog(props: {
  title: string;
  actions: ModelAction[];
  /** What else there is to know before it: whom it concerns now. */
  children?: ReactNode;
  onApplied: () => void;
  onClose: () => void;
}) {
  const { title, actions, children, onApplied, onClose } = props;
  const { t } = useWords();
  const client = useQueryClient();
  const tell = useTellApplied();
  const [preview, setPreview] = useState<Preview>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const asked = JSON.stringify({ actions });
  useEffect(() => {
    let gone = false;
    call<Preview>("POST", "/api/model/changes?preview=true", JSON.parse(asked))
      .then((found) => !gone && setPreview(found))
      .catch((error: unknown) => {
        if (!gone && error instanceof Problem) setProblem(error);
      });
    return () => {
      gone = true;
    };
  }, [asked]);
  const apply = async () => {
    setBusy(true);
    try {
      const applied = await call<{ id: string }>("POST", "/api/model/changes", JSON.parse(asked));
      await client.invalidateQueries();
      tell(applied.id, title);
      onApplied();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const sound = preview !== undefined && preview.faults.length === 0 && problem === undefined;
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      cancelText={t("cancel")}
      okText={t("apply")}
      okButtonProps={{ disabled: !sound, loading: busy }}
      onOk={() => void apply()}
    >
      <div className="change-preview">
        {problem && <Faults message={problem.message} faults={problem.faults} />}
        {preview && <PreviewOfChange preview={preview} />}
        {preview && preview.uses.length > 0 && (
          <section className="impact">
            <h3>{t("change.uses")}</h3>
            <ul>
              {preview.uses.map((use) => (
                <li key={use.meaning ?? use.label}>{use.meaning ?? use.label}</li>
              ))}
            </ul>
          </section>
        )}
        {preview === undefined && problem === undefined && <p className="blank">{t("loading")}</p>}
        {children}
      </div>
    </Modal>
  );
}

function Faults({ message, faults }: { message: string; faults: Fault[] }) {
  return (
    <div role="alert" className="fault">
      {faults.length === 0 ? <p>{message}</p> : null}
      {faults.map((fault) => (
        <p key={`${fault.code}${fault.field}${fault.message}`}>
          {fault.message}
          {fault.way_out ? ` · ${fault.way_out}` : ""}
        </p>
      ))}
    </div>
  );
}

/** Says that a change is in force, and offers to take it back. */
function useTellApplied() {
  const { t } = useWords();
  const client = useQueryClient();
  const { notification } = App.useApp();
  return (id: string, title: string) => {
    const undo = async () => {
      try {
        await call("POST", `/api/model/changes/${id}/undo`, {});
        notification.destroy(id);
        notification.success({ title: t("undone"), description: title, duration: 4 });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        notification.error({ title: error.message });
      }
      await client.invalidateQueries();
    };
    notification.success({
      key: id,
      title: t("applied"),
      description: title,
      actions: (
        <Button size="small" onClick={() => void undo()}>
          {t("undoChange")}
        </Button>
      ),
      duration: 20,
    });
  };
}
