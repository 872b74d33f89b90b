import { Button, Input, Space } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { At } from "../../designers/faults/FaultPlaces";
import { LabelFields } from "../../designers/LabelFields";
import type { Step, Steps } from "./boards";
import { newStep } from "./drafts";
import { Lines } from "./Line";

const FEWEST = 2;
const MOST = 12;

/** The steps of a funnel in their order, each with what has to hold of a record that came so far. */
export function StepsForm({ widget, onWidget }: { widget: Steps; onWidget: (widget: Steps) => void }) {
  const { t, say } = useWords();
  const { steps } = widget;
  const put = (next: Step[]) => onWidget({ ...widget, steps: next });
  return (
    <Lines label={t("widgetSteps")} at="steps">
      <SortableList
        items={steps}
        idOf={(each) => each.key}
        labelOf={(each) => t("moveOf", { name: say(each.label) || each.key })}
        onOrder={put}
        render={(step) => (
          <At place={step.key}>
            <div className="row-action">
              <LabelFields
                label={step.label}
                onChange={(label) => put(steps.map((each) => (each.key === step.key ? { ...step, label } : each)))}
              />
              <Space.Compact block>
                <At place="when">
                  <Input
                    aria-label={t("stepWhen")}
                    placeholder={t("stepWhenLead")}
                    value={step.when ?? ""}
                    onChange={({ target }) =>
                      put(steps.map((each) => (each.key === step.key ? { ...step, when: target.value || null } : each)))
                    }
                  />
                </At>
                <Button
                  icon={<Trash2 size={14} aria-hidden />}
                  aria-label={t("stepRemove")}
                  disabled={steps.length <= FEWEST}
                  onClick={() => put(steps.filter((each) => each.key !== step.key))}
                />
              </Space.Compact>
            </div>
          </At>
        )}
      />
      <Button
        size="small"
        icon={<Plus size={13} aria-hidden />}
        disabled={steps.length >= MOST}
        onClick={() => put([...steps, newStep(steps.map((each) => each.key))])}
      >
        {t("stepAdd")}
      </Button>
    </Lines>
  );
}
