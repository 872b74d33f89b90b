import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useModel } from "../../api/queries";
import type { Label, RecordRow } from "../../api/types";
import { useWords, withWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";
import { Level } from "../../design/Level";
import { takes, useOffered } from "../../meta/offers";
import { optionsOf } from "../../meta/options";
import { useFocusHandedOn } from "../today/focus";
import { Owner, Subject } from "../today/TaskRow";
import { textOf, useMoveSignal } from "../today/tasks";
import { Evidence } from "./Evidence";

// Inputs of all kinds are large: they come when a button asks for them.
const FillIn = lazy(withWords(() => import("../../meta/FillIn").then((found) => ({ default: found.FillIn }))));
const ReasonDialog = lazy(
  withWords(() => import("../../design/ReasonDialog").then((found) => ({ default: found.ReasonDialog }))),
);
const AskDialog = lazy(withWords(() => import("../today/AskDialog").then((found) => ({ default: found.AskDialog }))));

interface Button_ {
  key: string;
  label: Label;
  does: "open" | "task" | "dismiss" | "form";
  fields?: string[];
}

const LEVELS = new Set(["red", "yellow", "info"]);

/** A signal: what happened, which gap it shows, on what evidence, and what can be done about it here. */
export function SignalRow(props: { signal: RecordRow; named?: boolean; choice?: ReactNode }) {
  const { signal, named = false, choice } = props;
  const { t, say } = useWords();
  const { message } = App.useApp();
  const move = useMoveSignal();
  const row = useFocusHandedOn();
  const [dismissing, setDismissing] = useState(false);
  const [pressed, setPressed] = useState<Button_>();
  const level = textOf(signal, "level");
  const failed = (error: Error) => void message.error(error.message, 6);
  const act = (reason?: string) =>
    move.mutate({ id: signal.id, move: "act", ...(reason ? { body: { reason } } : {}) }, { onError: failed });
  const started = textOf(signal, "started_at");
  return (
    <li ref={row} className="work-row" data-new={signal.state === "new"}>
      {choice}
      <div className="work-what">
        <Level level={LEVELS.has(level) ? (level as "red" | "yellow" | "info") : "info"}>
          <Option object="signal" field="level" value={level} />
        </Level>
        <b>{textOf(signal, "title")}</b>
        <p>
          {named && <Owner row={signal} />}
          <Subject row={signal} />
          <Option object="signal" field="gap" value={textOf(signal, "gap")} />
          {started && <Moment at={started} />}
          {textOf(signal, "detail") && <span>{textOf(signal, "detail")}</span>}
          <Evidence signal={signal} />
        </p>
      </div>
      {buttonsOf(signal).map((button) =>
        button.does === "open" ? (
          <Link
            key={button.key}
            {...wayToRecord(textOf(signal, "subject_object"), textOf(signal, "subject_id"))}
            onClick={() => act(say(button.label))}
            className="link-button"
          >
            {say(button.label)}
          </Link>
        ) : (
          <ActButton
            key={button.key}
            button={button}
            signal={signal}
            onPress={() => (button.does === "dismiss" ? setDismissing(true) : setPressed(button))}
          />
        ),
      )}
      <Button type="primary" ghost loading={move.isPending} onClick={() => act()}>
        {t("signalAct")}
      </Button>
      <Button type="text" onClick={() => setDismissing(true)}>
        {t("dismiss")}
      </Button>
      <Suspense fallback={null}>
        {pressed?.does === "form" && (
          <FillIn
            object={textOf(signal, "subject_object")}
            id={textOf(signal, "subject_id")}
            title={say(pressed.label)}
            fields={pressed.fields ?? []}
            onFilled={() => act(say(pressed.label))}
            onClose={() => setPressed(undefined)}
          />
        )}
        {pressed?.does === "task" && (
          <AskDialog
            title={say(pressed.label)}
            about={{ object: textOf(signal, "subject_object"), id: textOf(signal, "subject_id") }}
            subject={textOf(signal, "subject")}
            roles={[]}
            due={null}
            onAsked={() => act(say(pressed.label))}
            onClose={() => setPressed(undefined)}
          />
        )}
        {dismissing && (
          <ReasonDialog
            title={t("dismiss")}
            lead={t("dismissLead")}
            onReason={(reason) => move.mutateAsync({ id: signal.id, move: "dismiss", body: { reason } })}
            onClose={() => setDismissing(false)}
          />
        )}
      </Suspense>
    </li>
  );
}

/** A form is offered to who may fill it in: what somebody has to say for himself nobody says for him. */
function ActButton({ button, signal, onPress }: { button: Button_; signal: RecordRow; onPress: () => void }) {
  const { say } = useWords();
  const object = useModel().data?.objects.find((each) => each.key === signal.subject_object);
  const isForm = button.does === "form";
  const isFillable = object?.fields.some((each) => button.fields?.includes(each.key) && takes(each, false));
  const isOffered = useOffered(isForm && isFillable ? object : undefined, textOf(signal, "subject_id"), "update");
  return isForm && !isOffered ? null : <Button onClick={onPress}>{say(button.label)}</Button>;
}

function Option({ object, field, value }: { object: string; field: string; value: string }) {
  const { language } = useWords();
  const definition = useModel()
    .data?.objects.find((each) => each.key === object)
    ?.fields.find((each) => each.key === field);
  const option = definition && optionsOf(definition).find((each) => each.key === value);
  return <span>{option ? option.label[language] || option.label.zh : value}</span>;
}

function buttonsOf(signal: RecordRow): Button_[] {
  const given: unknown = signal.buttons;
  return Array.isArray(given) ? (given as Button_[]).filter((each) => each.label && each.key) : [];
}
