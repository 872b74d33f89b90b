import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import type { AppPlan } from "../../api/schema";
import { useWords } from "../../app/language";
import { Faults } from "../../designers/change/Faults";
import { takeBack, useTellDone } from "../../designers/change/told";
import { PreviewOfChange } from "../model/PreviewOfChange";
import { Conflicts } from "./Conflicts";
import { Pieces } from "./Pieces";
import { type Asked, ask, useApps } from "./queries";

/** What an app would bring, change or take with it, and where both sides changed the same; then it is done. */
export function PlanDialog({ asked, title, onClose }: { asked: Asked; title: string; onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const tell = useTellDone();
  const [theirs, setTheirs] = useState<string[]>([]);
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const apps = useApps().data;
  const plan = useQuery({
    queryKey: ["app-plan", asked, theirs],
    queryFn: () => ask(asked, theirs, true),
    placeholderData: (before) => before,
    retry: false,
    staleTime: 0,
  });
  const problem = refused ?? (plan.error instanceof Problem ? plan.error : undefined);
  const found = plan.data;
  const sound = found !== undefined && found.preview.faults.length === 0 && problem === undefined;
  const apply = async () => {
    setBusy(true);
    try {
      const done = await ask(asked, theirs, false);
      await client.invalidateQueries();
      const wasThere = apps?.installed.some((each) => each.key === done.app) === true;
      tell(`app ${done.app}`, title, undoOf(asked, done, wasThere));
      onClose();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      width={720}
      title={title}
      onCancel={onClose}
      cancelText={t("cancel")}
      okText={asked.kind === "remove" ? t("apps.removeNow") : t("apps.installNow")}
      okButtonProps={{ disabled: !sound, loading: busy || plan.isFetching, danger: asked.kind === "remove" }}
      onOk={() => void apply()}
    >
      <div className="change-preview">
        {problem && <Faults message={problem.message} faults={problem.faults} />}
        {plan.isPending && <p className="blank">{t("loading")}</p>}
        {found && (
          <Plan
            plan={found}
            theirs={theirs}
            onChoose={(at, side) =>
              setTheirs((before) => [...before.filter((each) => each !== at), ...(side === "theirs" ? [at] : [])])
            }
          />
        )}
      </div>
    </Modal>
  );
}

function Plan(props: {
  plan: AppPlan;
  theirs: string[];
  onChoose: (at: string, side: "mine" | "theirs") => void;
}) {
  const { plan, theirs, onChoose } = props;
  const { t } = useWords();
  const nothing = plan.added.length + plan.changed.length + plan.removed.length === 0;
  return (
    <>
      <p className="lead">
        {plan.label} {plan.version}
      </p>
      {nothing && <p className="blank">{t("apps.nothing")}</p>}
      {plan.conflicts.length > 0 && <Conflicts conflicts={plan.conflicts} theirs={theirs} onChoose={onChoose} />}
      <Pieces title={t("apps.added")} pieces={plan.added} />
      <Pieces title={t("apps.changed")} pieces={plan.changed} />
      <Pieces title={t("apps.removed")} pieces={plan.removed} />
      <Pieces title={t("apps.lost")} pieces={plan.lost} />
      <Pieces title={t("apps.kept")} pieces={plan.kept} />
      {(plan.preview.losses.length > 0 || plan.preview.faults.length > 0) && (
        <PreviewOfChange preview={{ ...plan.preview, steps: [] }} />
      )}
    </>
  );
}

/** The way back is that of every change of the model; a new app that brought content alone is removed again. */
function undoOf(asked: Asked, { change, app }: AppPlan, wasThere: boolean): (() => Promise<unknown>) | undefined {
  if (change !== null) return () => takeBack(change);
  return asked.kind === "remove" || wasThere ? undefined : () => ask({ kind: "remove", app }, [], false);
}
