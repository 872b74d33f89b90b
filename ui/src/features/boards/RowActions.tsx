import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer } from "antd";
import { ClipboardPen, MessagesSquare, UsersRound } from "lucide-react";
import { useState } from "react";
import { useModel, useRecord, useSave } from "../../api/queries";
import type { FieldDef, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { FieldsDialog } from "../../meta/FieldsDialog";
import { takes, useOffered } from "../../meta/offers";
import { targetOf, titleOf } from "../../meta/target";
import { isReference, valueText } from "../../meta/Value";
import { History } from "../records/History";
import { AskDialog } from "../today/AskDialog";
import type { Asked, Listed, RowAction } from "./boards";

const SIGNS = { timeline: MessagesSquare, form: ClipboardPen, task: UsersRound };

/** What can be done about a row on the spot (S0-48): its chat, what is missing, help within a time. */
export function RowActions(props: { widget: Listed; row: RecordRow; asked: Asked[]; title: FieldDef | undefined }) {
  const { widget, row, asked, title } = props;
  const { say, language } = useWords();
  const objects = useModel().data?.objects ?? [];
  const [open, setOpen] = useState<RowAction>();
  const close = () => setOpen(undefined);
  const about = open && aboutOf(objects, widget.object, row, open);
  const name = (title && valueText(title, row[title.key], language)) || "—";
  return (
    <div className="row-actions">
      {widget.actions.map((action) => {
        const at = aboutOf(objects, widget.object, row, action);
        const Way = action.does === "form" && at ? FormButton : ActionButton;
        return <Way key={action.key} action={action} about={at} name={name} onPress={() => setOpen(action)} />;
      })}
      {open?.does === "timeline" && about && <Around about={about} onClose={close} />}
      {open?.does === "form" && about && <Fill about={about} action={open} onClose={close} />}
      {open?.does === "task" && about && (
        <AskDialog
          title={say(open.label)}
          about={{ object: about.object.key, id: about.id }}
          subject={name}
          roles={asked.filter((each) => open.roles.includes(each.key))}
          due={open.due}
          onClose={close}
        />
      )}
    </div>
  );
}

interface ActionProps {
  action: RowAction;
  about: About | undefined;
  name: string;
  onPress: () => void;
}

function ActionButton({ action, about, name, onPress }: ActionProps) {
  const { say } = useWords();
  const Sign = SIGNS[action.does];
  return (
    <Button
      size="small"
      icon={<Sign size={13} aria-hidden />}
      disabled={about === undefined}
      aria-label={`${say(action.label)} ${name}`}
      onClick={onPress}
    >
      {say(action.label)}
    </Button>
  );
}

/** A form of nothing that one may fill in, or on a record that one may not change, is no offer. */
function FormButton(props: ActionProps) {
  const { action, about } = props;
  const isFillable = about !== undefined && fillable(about.object, action).length > 0;
  const isOffered = useOffered(isFillable ? about.object : undefined, about?.id, "update");
  return isOffered ? <ActionButton {...props} /> : null;
}

interface About {
  object: ObjectDef;
  id: string;
}

/** The record that an action is about: the row, or what a relation of it names. Undefined where that is nothing. */
function aboutOf(objects: ObjectDef[], object: string, row: RecordRow, action: RowAction): About | undefined {
  const own = objects.find((each) => each.key === object);
  if (action.of === null) return own && { object: own, id: row.id };
  const relation = own?.fields.find((each) => each.key === action.of);
  const target = relation && objects.find((each) => each.key === targetOf(relation));
  const value = row[action.of];
  return target && isReference(value) ? { object: target, id: value.id } : undefined;
}

/** What of the fields that an action asks for the person may write. */
const fillable = (object: ObjectDef, action: RowAction) =>
  action.fields.filter((key) => object.fields.some((each) => each.key === key && takes(each, false)));

function Around({ about, onClose }: { about: About; onClose: () => void }) {
  const model = useModel().data;
  const record = useRecord(about.object.key, about.id).data;
  return (
    <Drawer open size={500} title={record ? titleOf(model, about.object.key, record) : ""} onClose={onClose}>
      <History object={about.object} id={about.id} first="talk" />
    </Drawer>
  );
}

function Fill({ about, action, onClose }: { about: About; action: RowAction; onClose: () => void }) {
  const { t, say } = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const record = useRecord(about.object.key, about.id).data;
  const save = useSave(about.object.key);
  if (record === undefined) return null;
  return (
    <FieldsDialog
      title={say(action.label)}
      okText={t("save")}
      object={about.object}
      fields={fillable(about.object, action)}
      row={record}
      error={save.error}
      busy={save.isPending}
      onDone={(values) =>
        save.mutate(
          { id: about.id, version: record.version, values },
          {
            onSuccess: () => {
              void client.invalidateQueries({ queryKey: ["board"] });
              void message.success(t("saved"));
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    />
  );
}
