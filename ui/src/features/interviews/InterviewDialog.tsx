import { useQueryClient } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { useWords } from "../../app/language";
import type { ModelAction } from "../../designers/change/action";
import { ChangeDialog } from "../../designers/change/ChangeDialog";
import { Faults } from "../../designers/change/Faults";
import type { ObjectDesign } from "../model/definition";
import { Drafts } from "./Drafts";
import { InterviewForm } from "./InterviewForm";
import { changeOf, installApp, useDraft } from "./queries";
import "./interviews.css";

// So many are asked before anything is built (S0-39).
const ENOUGH = 3;

/** 从访谈建: three questions to three people, and from their words fields that one ticks; then the change is looked at. */
export function InterviewDialog({ object, onClose }: { object: ObjectDesign; onClose: () => void }) {
  const { t, say } = useWords();
  const client = useQueryClient();
  const draft = useDraft(object.key);
  const [asking, setAsking] = useState(false);
  const [ticked, setTicked] = useState<string[]>([]);
  const [actions, setActions] = useState<ModelAction[]>();
  const [refused, setRefused] = useState<Problem>();
  const told = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      setRefused(error);
    });
  const title = t("interview.title", { name: say(object.label) });
  if (actions)
    return <ChangeDialog title={title} actions={actions} onApplied={onClose} onClose={() => setActions(undefined)} />;
  const missing = draft.error instanceof Problem && draft.error.status === 404;
  const problem = refused ?? (draft.error instanceof Problem ? draft.error : undefined);
  const found = draft.data;
  return (
    <Modal open width={760} title={title} onCancel={onClose} footer={null}>
      <div className="interviews">
        {problem && !(missing && problem === draft.error) && (
          <Faults message={problem.message} faults={problem.faults} />
        )}
        {missing && <p className="lead">{draft.error?.message}</p>}
        {missing && (
          <Button type="primary" onClick={() => void told(installApp().then(() => client.invalidateQueries()))}>
            {t("interview.install")}
          </Button>
        )}
        {found && asking && <InterviewForm questions={found.questions} onDone={() => setAsking(false)} />}
        {found && !asking && (
          <>
            <p className="lead">{t("interview.lead", { count: found.tellers, enough: ENOUGH })}</p>
            <Drafts draft={found} ticked={ticked} onTick={setTicked} />
            <footer>
              <Button type={found.tellers < ENOUGH ? "primary" : "default"} onClick={() => setAsking(true)}>
                {t("interview.ask")}
              </Button>
              <Button
                type={found.tellers < ENOUGH ? "default" : "primary"}
                disabled={ticked.length === 0}
                onClick={() => void told(changeOf(object.key, ticked).then((change) => setActions(change.actions)))}
              >
                {t("preview")}
              </Button>
            </footer>
          </>
        )}
      </div>
    </Modal>
  );
}
