import { Button, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { inWords } from "../../api/in-words";
import { useModel } from "../../api/queries";
import type { CaptureShown, ProposedValue } from "../../api/schema";
import type { Fault, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import { Faults } from "../../designers/change/Faults";
import { attaching, likelyTarget, type Target, targetsOf, useMoves, useProposal } from "./captures";

interface FormProps {
  capture: CaptureShown;
  object: ObjectDef;
  record: string;
  active: number | undefined;
  onActive: (index: number | undefined) => void;
  onClose: () => void;
}

/** Where the paper goes and what is written there: what is sure is ticked, what is not waits for a person's tick. */
export function CaptureForm(props: FormProps) {
  const { capture, object } = props;
  const { t, say } = useWords();
  const model = useModel().data;
  const targets = targetsOf(model?.objects ?? [], object);
  const [chosen, setChosen] = useState<string>();
  const target = targets.find((each) => each.object.key === chosen) ?? likelyTarget(targets, capture.kind);
  const proposal = useProposal(capture.id, target?.object.key ?? "", target !== undefined);
  if (target === undefined) return null;
  return (
    <>
      <div className="capture-target">
        <span>{t("captureTarget")}</span>
        <Select
          aria-label={t("captureTarget")}
          value={target.object.key}
          onChange={setChosen}
          options={targets.map((each) => ({
            value: each.object.key,
            label: each.isNew
              ? t("captureNew", { name: say(each.object.label) })
              : t("captureHere", { name: say(each.object.label) }),
          }))}
        />
      </div>
      {proposal.isError && <p className="fault">{proposal.error.message}</p>}
      {proposal.data && <Values key={target.object.key} {...props} target={target} values={proposal.data.values} />}
    </>
  );
}

function Values(props: FormProps & { target: Target; values: ProposedValue[] }) {
  const { capture, record, target, values, active, onActive, onClose } = props;
  const { t } = useWords();
  const { attach, dismiss } = useMoves(capture.id);
  // On a record that is there, what it already says is not overwritten unless somebody asks for it.
  const [ticked, setTicked] = useState<ReadonlySet<string>>(
    new Set(target.isNew ? values.filter((each) => each.is_sure).map((each) => each.field) : []),
  );
  const [edited, setEdited] = useState<Record<string, string>>({});
  // What is refused is told at its value; what has none here (a field that the paper says nothing of) below the list.
  const refused = attach.error instanceof Problem ? attach.error : undefined;
  const elsewhere = refused?.faults.filter((fault) => !values.some((each) => each.field === fault.field)) ?? [];
  const used = new Set(values.map((each) => each.found));
  const rest = capture.values.map((value, index) => ({ value, index })).filter(({ index }) => !used.has(index));
  const tick = (field: string, on: boolean) =>
    setTicked((now) => new Set(on ? [...now, field] : [...now].filter((each) => each !== field)));
  return (
    <>
      <ul className="capture-values">
        {values.map((each) => (
          <ValueRow
            key={each.field}
            value={each}
            object={target.object}
            fault={refused?.at(each.field)}
            ticked={ticked.has(each.field)}
            edited={edited[each.field]}
            isActive={each.found !== null && each.found === active}
            onActive={() => onActive(each.found ?? undefined)}
            onTick={(on) => tick(each.field, on)}
            onEdit={(text) => {
              setEdited((now) => ({ ...now, [each.field]: text }));
              tick(each.field, true);
            }}
          />
        ))}
      </ul>
      {attach.isError && (refused === undefined || elsewhere.length > 0 || refused.faults.length === 0) && (
        <Faults message={attach.error.message} faults={elsewhere} />
      )}
      <div className="capture-acts">
        <Button
          type="primary"
          loading={attach.isPending}
          onClick={() =>
            attach.mutate(attaching(target, record, values, ticked, edited), { onSuccess: () => onClose() })
          }
        >
          {t("captureAttach")}
        </Button>
        <Button onClick={() => dismiss.mutate(undefined, { onSuccess: onClose })}>{t("captureDismiss")}</Button>
      </div>
      {rest.length > 0 && (
        <>
          <h3>{t("captureRest")}</h3>
          <ul className="capture-rest">
            {rest.map(({ value, index }) => (
              <li key={index} data-active={index === active} onMouseEnter={() => onActive(index)}>
                <span className="blank">{t(`captureField_${value.field}`)}</span> {value.label ?? value.value}{" "}
                <Sure confidence={value.confidence} isSure={value.is_sure} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function ValueRow(props: {
  value: ProposedValue;
  object: ObjectDef;
  fault: Fault | undefined;
  ticked: boolean;
  edited: string | undefined;
  isActive: boolean;
  onActive: () => void;
  onTick: (on: boolean) => void;
  onEdit: (text: string) => void;
}) {
  const { value, object, fault, ticked, edited, isActive, onActive, onTick, onEdit } = props;
  const { t, say } = useWords();
  const field = object.fields.find((each) => each.key === value.field);
  const name = field ? say(field.label) : value.field;
  const named = field?.type === "relation";
  const Control = field?.type === "long_text" ? Input.TextArea : Input;
  return (
    <li data-active={isActive} onMouseEnter={onActive} onFocus={onActive}>
      <Checkbox checked={ticked} onChange={(event) => onTick(event.target.checked)} aria-label={name}>
        {name}
      </Checkbox>
      {named ? (
        <span>{value.shown}</span>
      ) : (
        <Control
          size="small"
          aria-label={t("captureValueOf", { name })}
          value={edited ?? String(value.value ?? "")}
          onChange={(event) => onEdit(event.target.value)}
        />
      )}
      <Sure confidence={value.confidence} isSure={value.is_sure || edited !== undefined} />
      <span className="blank capture-reason">{value.reason}</span>
      {fault && (
        <span role="alert" className="fault capture-reason">
          {inWords(fault)}
        </span>
      )}
    </li>
  );
}

/** How certain a value is: in percent, and whether a person has to look. */
function Sure({ confidence, isSure }: { confidence: number; isSure: boolean }) {
  const { t } = useWords();
  const percent = `${Math.round(100 * confidence)}%`;
  return <Level level={isSure ? "green" : "yellow"}>{isSure ? percent : `${percent} ${t("captureCheck")}`}</Level>;
}
