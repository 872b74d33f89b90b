import { useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { api, Problem, told } from "../../api/client";
import type { ChangeApplied, ChangePreview, ChangesetInput } from "../../api/schema";
import { useWords } from "../../app/language";
import { PreviewOfChange } from "../../features/model/PreviewOfChange";
import { Faults } from "./Faults";
import { useTellApplied } from "./told";

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
  const [preview, setPreview] = useState<ChangePreview>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const asked = JSON.stringify({ actions });
  useEffect(() => {
    let gone = false;
    told(api.POST("/api/model/changes", { params: { query: { preview: true } }, body: changeset(asked) }))
      .then((found) => !gone && setPreview(found as ChangePreview))
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
      const applied = (await told(api.POST("/api/model/changes", { body: changeset(asked) }))) as ChangeApplied;
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
                <li key={use.meaning}>{use.meaning}</li>
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

/** The actions as they are asked: designers put them together as plain JSON, the API checks each. */
const changeset = (asked: string) => JSON.parse(asked) as ChangesetInput;
