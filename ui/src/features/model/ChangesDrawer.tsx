import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Modal } from "antd";
import { useEffect, useState } from "react";
import { api, Problem, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { takeBack } from "../../designers/change/told";
import { useNames } from "../../meta/people";
import { ChangeLines } from "./ChangeLines";
import { type ModelChange, useModelChanges } from "./changes";
import { type Preview, PreviewOfChange } from "./PreviewOfChange";

/** Who changed the model when, and the way back. */
export function ChangesDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const changes = useModelChanges();
  const names = useNames((changes.data ?? []).flatMap((each) => each.actor ?? []));
  const [undoing, setUndoing] = useState<ModelChange>();
  const undone = new Set((changes.data ?? []).filter((each) => each.state === "applied").map((each) => each.undoes));
  return (
    <Drawer open onClose={onClose} size={520} title={t("changes")}>
      <ol className="changes">
        {(changes.data ?? []).map((change) => (
          <li key={change.id}>
            <header>
              <b>{(change.actor && names.get(change.actor)) || t("system")}</b>
              <span className="blank">
                <Moment at={change.created_at} />
              </span>
              {change.undoes && <span className="chip">{t("undone")}</span>}
              {change.state !== "applied" && (
                <span className="chip" data-colour="amber">
                  {t(`changeState.${change.state}`, { defaultValue: change.state })}
                </span>
              )}
              <span className="gap" />
              {change.state === "applied" && !change.undoes && !undone.has(change.id) && (
                <Button size="small" onClick={() => setUndoing(change)}>
                  {t("undoChange")}
                </Button>
              )}
            </header>
            <ChangeLines change={change} />
          </li>
        ))}
      </ol>
      {undoing && <Undo change={undoing} onClose={() => setUndoing(undefined)} />}
    </Drawer>
  );
}

/** What taking a change back would do; then it is done. */
function Undo({ change, onClose }: { change: ModelChange; onClose: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [preview, setPreview] = useState<Preview>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const refused = (error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    setProblem(error);
  };
  useEffect(() => {
    told(api.POST("/api/model/changes/{id}/undo", { params: { path: { id: change.id }, query: { preview: true } } }))
      .then((found) => setPreview(found as Preview))
      .catch((error) => {
        if (error instanceof Problem) setProblem(error);
      });
  }, [change.id]);
  const undo = async () => {
    setBusy(true);
    try {
      await takeBack(change.id);
      await client.invalidateQueries();
      void message.success(t("undone"));
      onClose();
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t("undoChange")}
      okText={t("undoChange")}
      cancelText={t("cancel")}
      okButtonProps={{ disabled: preview === undefined || preview.faults.length > 0, loading: busy }}
      onOk={() => void undo()}
      onCancel={onClose}
    >
      {problem && (
        <p role="alert" className="fault">
          {problem.message}
        </p>
      )}
      {preview && <PreviewOfChange preview={preview} />}
    </Modal>
  );
}
