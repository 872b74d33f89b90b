import { useQueryClient } from "@tanstack/react-query";
import { Modal, Spin } from "antd";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { api, Problem, told } from "../../api/client";
import type { ChangeApplied, ChangePreview } from "../../api/schema";
import type { Fault } from "../../api/types";
import { useWords } from "../../app/language";
import { PreviewOfChange } from "../../features/model/PreviewOfChange";
import { useRefuse } from "../faults/FaultPlaces";
import { placedIn } from "../faults/places";
import type { ModelAction } from "./action";
import { Faults } from "./Faults";
import { useTellApplied } from "./told";

/**
 * What a change of the model would do; it is put into force from here, and can be taken back afterwards. What is refused
 * is shown at the inputs of the draft around it, where there are any for it; then there is no dialog.
 */
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
  const refuse = useRefuse();
  const asked = JSON.stringify(actions);
  const isPlaced = (message: string, faults: Fault[]) => {
    // Also without any: what was refused before is no longer.
    const placed = refuse?.({ message, faults: placedIn(faults, actions) }) === true;
    if (placed) onClose();
    return placed;
  };
  const look = useEffectEvent(() =>
    told(api.POST("/api/model/changes", { params: { query: { preview: true } }, body: { actions } })),
  );
  const onPreview = useEffectEvent((found: ChangePreview) => {
    if (!isPlaced("", found.faults)) setPreview(found);
  });
  const onProblem = useEffectEvent((error: Problem) => {
    if (!isPlaced(error.message, error.faults)) setProblem(error);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the actions are others
  useEffect(() => {
    let gone = false;
    look()
      .then((found) => !gone && onPreview(found as ChangePreview))
      .catch((error: unknown) => {
        if (!gone && error instanceof Problem) onProblem(error);
      });
    return () => {
      gone = true;
    };
  }, [asked]);
  const apply = async () => {
    setBusy(true);
    try {
      const applied = (await told(api.POST("/api/model/changes", { body: { actions } }))) as ChangeApplied;
      await client.invalidateQueries();
      tell(applied.id, title);
      onApplied();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!isPlaced(error.message, error.faults)) setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const sound = preview !== undefined && preview.faults.length === 0 && problem === undefined;
  // Whether there is anything to show here is known once it is answered.
  if (refuse && preview === undefined && problem === undefined)
    return <Spin fullscreen delay={400} description={t("loading")} />;
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
