import { useQuery } from "@tanstack/react-query";
import { Button, InputNumber, Modal, Select } from "antd";
import { useEffect, useState } from "react";
import { api, Problem, told } from "../../api/client";
import { useModel } from "../../api/queries";
import type { Answers, Asked, OfferedComponent } from "../../api/schema";
import { useWords } from "../../app/language";
import { ObjectIcon } from "../../design/ObjectIcon";
import type { ModelAction } from "../../designers/change/action";
import { ChangeDialog } from "../../designers/change/ChangeDialog";
import type { ObjectDesign } from "./definition";

type Given = Answers["answers"];

/** 装组件: a few questions, answered in advance as far as names tell; then the change is looked at and put into force. */
export function ComponentDialog({ object, onClose }: { object: ObjectDesign; onClose: () => void }) {
  const { t, say } = useWords();
  const offered = useQuery({
    queryKey: ["components", object.key],
    queryFn: () => told(api.GET("/api/components", { params: { query: { object: object.key } } })),
  }).data?.items;
  const [chosen, setChosen] = useState<OfferedComponent>();
  const [actions, setActions] = useState<ModelAction[]>();
  if (actions && chosen)
    return (
      <ChangeDialog
        title={t("component.fit", { name: chosen.label })}
        actions={actions}
        onApplied={onClose}
        onClose={() => setActions(undefined)}
      />
    );
  if (chosen)
    return (
      <Questions
        object={object}
        component={chosen}
        onActions={setActions}
        onBack={() => setChosen(undefined)}
        onClose={onClose}
      />
    );
  return (
    <Modal open title={t("component.choose", { name: say(object.label) })} footer={null} onCancel={onClose}>
      <ul className="component-list">
        {offered?.map((each) => (
          <li key={each.key}>
            <button type="button" className="component-card" onClick={() => setChosen(each)}>
              <ObjectIcon object={each} size={18} />
              <span>
                <b>{each.label}</b>
                <small>{each.description}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function Questions(props: {
  object: ObjectDesign;
  component: OfferedComponent;
  onActions: (actions: ModelAction[]) => void;
  onBack: () => void;
  onClose: () => void;
}) {
  const { object, component, onActions, onBack, onClose } = props;
  const { t } = useWords();
  const [answers, setAnswers] = useState<Given>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setAnswers(Object.fromEntries(component.asks.map((each) => [each.key, each.suggested])));
  }, [component]);
  const asks = component.asks.filter((each) => each.kind !== "object");
  const lacking = asks.some((each) => !each.optional && (answers[each.key] ?? null) === null);
  const go = async () => {
    setBusy(true);
    try {
      const found = await told(
        api.POST("/api/components/{component}/actions", {
          params: { path: { component: component.key } },
          body: { answers: { ...answers, object: object.key } },
        }),
      );
      onActions(found.actions);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t("component.fit", { name: component.label })}
      onCancel={onClose}
      footer={[
        <Button key="back" onClick={onBack}>
          {t("back")}
        </Button>,
        <Button key="go" type="primary" disabled={lacking} loading={busy} onClick={() => void go()}>
          {t("preview")}
        </Button>,
      ]}
    >
      <p className="blank">{component.description}</p>
      {problem && !problem.faults.every((each) => asks.some((ask) => ask.key === each.field)) && (
        <p role="alert" className="fault">
          {problem.message}
        </p>
      )}
      <div className="component-asks">
        {asks.map((each) => (
          <Question
            key={each.key}
            object={object}
            ask={each}
            value={answers[each.key] ?? null}
            fault={problem?.at(each.key)?.message}
            onChange={(value) => setAnswers((before) => ({ ...before, [each.key]: value }))}
          />
        ))}
      </div>
    </Modal>
  );
}

function Question(props: {
  object: ObjectDesign;
  ask: Asked;
  value: string | number | null;
  fault: string | undefined;
  onChange: (value: string | number | null) => void;
}) {
  const { object, ask, value, fault, onChange } = props;
  const { t, say } = useWords();
  const roles = useModel().data?.roles;
  const options =
    ask.kind === "role"
      ? (roles ?? []).map((each) => ({ value: each.key, label: say(each.label) }))
      : ask.fields.map((key) => ({
          value: key,
          label: say(object.fields.find((each) => each.key === key)?.label) || key,
        }));
  const label = ask.optional ? `${ask.label} ${t("component.optional")}` : ask.label;
  return (
    <label className="labelled" htmlFor={`ask-${ask.key}`}>
      <span>{label}</span>
      {ask.kind === "number" ? (
        <InputNumber
          id={`ask-${ask.key}`}
          min={ask.least}
          max={ask.most}
          precision={0}
          value={typeof value === "number" ? value : null}
          onChange={(given) => onChange(given)}
        />
      ) : (
        <Select
          id={`ask-${ask.key}`}
          aria-label={label}
          allowClear={ask.optional}
          placeholder={options.length === 0 ? t("component.noField") : t("component.pick")}
          value={typeof value === "string" ? value : null}
          options={options}
          onChange={(given: string | undefined) => onChange(given ?? null)}
        />
      )}
      {fault && <span className="fault">{fault}</span>}
    </label>
  );
}
