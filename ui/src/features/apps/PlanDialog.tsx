import { Modal } from "antd";
import type { AppPlan } from "../../api/schema";
import { useWords } from "../../app/language";
import { Faults } from "../../designers/change/Faults";
import { takeBack, useTellDone } from "../../designers/change/told";
import { PreviewOfChange } from "../model/PreviewOfChange";
import { Conflicts } from "./Conflicts";
import { Pieces } from "./Pieces";
import { usePlan } from "./planning";
import { type Asked, ask, useApps } from "./queries";
import { Sides } from "./Sides";

/** What an app would bring, change or take with it, and where both sides changed the same; then it is done. */
export function PlanDialog({ asked, title, onClose }: { asked: Asked; title: string; onClose: () => void }) {
  const { t } = useWords();
  const tell = useTellDone();
  const apps = useApps().data;
  const plan = usePlan(asked);
  const { found } = plan;
  const before = apps?.installed.find((each) => each.key === found?.app);
  const renews = asked.kind !== "remove" && before !== undefined && before.version !== found?.version;
  // Of a file only its name is known at first.
  const heading =
    found && asked.kind === "package"
      ? t(renews ? "apps.upgradeOf" : "apps.installOf", { name: found.label, version: found.version })
      : title;
  const done = (made: AppPlan) => {
    tell(`app ${made.app}`, heading, undoOf(asked, made, before !== undefined));
    onClose();
  };
  return (
    <Modal
      open
      width={720}
      title={heading}
      onCancel={onClose}
      cancelText={t("cancel")}
      okText={t(asked.kind === "remove" ? "apps.removeNow" : renews ? "apps.upgradeNow" : "apps.installNow")}
      okButtonProps={{ disabled: !plan.sound, loading: plan.isBusy, danger: asked.kind === "remove" }}
      onOk={() => void plan.apply(done)}
    >
      <Planned plan={plan} before={renews ? before.version : undefined} />
    </Modal>
  );
}

/** A plan as it comes to be known: what stands in its way, and what it does. */
export function Planned({ plan, before }: { plan: ReturnType<typeof usePlan>; before?: string | undefined }) {
  const { t } = useWords();
  return (
    <div className="change-preview">
      {plan.problem && <Faults message={plan.problem.message} faults={plan.problem.faults} />}
      {plan.isPending && <p className="blank">{t("loading")}</p>}
      {plan.found && <Plan plan={plan.found} before={before} theirs={plan.theirs} onChoose={plan.choose} />}
    </div>
  );
}

function Plan(props: {
  plan: AppPlan;
  before: string | undefined;
  theirs: string[];
  onChoose: (at: string, side: "mine" | "theirs") => void;
}) {
  const { plan, before, theirs, onChoose } = props;
  const { t } = useWords();
  const nothing = plan.added.length + plan.changed.length + plan.removed.length === 0;
  return (
    <>
      <p className="lead">
        {plan.label} {before && `${before} → `}
        {plan.version}
      </p>
      {nothing && <p className="blank">{t("apps.nothing")}</p>}
      {plan.conflicts.length > 0 && <Conflicts conflicts={plan.conflicts} theirs={theirs} onChoose={onChoose} />}
      <Pieces title={t("apps.added")} pieces={plan.added} />
      <Pieces
        title={t("apps.changed")}
        pieces={plan.changed}
        more={(each) => <Sides of={each} sides={["before", "after"]} />}
      />
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
