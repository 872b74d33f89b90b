import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select, Tabs } from "antd";
import { History, MessageSquareQuote, Plus, Puzzle } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { ObjectIcon } from "../../design/ObjectIcon";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { AddField } from "./AddField";
import { ChangesDrawer } from "./ChangesDrawer";
import { ComponentDialog } from "./ComponentDialog";
import type { ObjectDesign } from "./definition";
import { FieldList } from "./FieldList";
import { FormLayout } from "./FormLayout";
import { AddObject, ObjectSettings } from "./ObjectSettings";
import { Validations } from "./Validations";
import "../../design/settings.css";

const InterviewDialog = lazy(() =>
  import("../interviews/InterviewDialog").then((found) => ({ default: found.InterviewDialog })),
);

/** Objects and their fields: made, changed, put in order, laid out, each with what it would do shown before. */
export function FieldsPage() {
  const { t, say } = useWords();
  const phone = usePhone();
  const model = useModel();
  const asked = useSearch({ from: "/build/fields" });
  const navigate = useNavigate({ from: "/build/fields" });
  const [open, setOpen] = useState<"field" | "object" | "changes" | "component" | "interview">();
  const all = (model.data?.objects ?? []) as ObjectDesign[];
  const objects = [...all.filter((each) => !each.builtin), ...all.filter((each) => each.builtin)];
  const object = objects.find((each) => each.key === asked.object) ?? objects[0];
  if (object === undefined) return null;
  const choose = (key: string) => void navigate({ search: { object: key } });
  const close = () => setOpen(undefined);
  return (
    <>
      <header className="bar">
        <PageTitle>{t("fields")}</PageTitle>
        {phone && (
          <Select
            aria-label={t("objects")}
            style={{ width: 120 }}
            value={object.key}
            onChange={choose}
            options={objects.map((each) => ({ value: each.key, label: say(each.label) }))}
          />
        )}
        <span className="gap" />
        <Button icon={<History size={14} aria-hidden />} aria-label={t("changes")} onClick={() => setOpen("changes")}>
          {phone ? null : t("changes")}
        </Button>
        <Button
          icon={<MessageSquareQuote size={14} aria-hidden />}
          aria-label={t("interview.open")}
          onClick={() => setOpen("interview")}
        >
          {phone ? null : t("interview.open")}
        </Button>
        <Button
          icon={<Puzzle size={14} aria-hidden />}
          aria-label={t("component.add")}
          onClick={() => setOpen("component")}
        >
          {phone ? null : t("component.add")}
        </Button>
        <Button
          type="primary"
          icon={<Plus size={14} aria-hidden />}
          aria-label={t("addField")}
          onClick={() => setOpen("field")}
        >
          {phone ? null : t("addField")}
        </Button>
      </header>
      <div className="split">
        {!phone && (
          <nav className="split-list" aria-label={t("objects")}>
            {objects.map((each) => (
              <button
                key={each.key}
                type="button"
                className="split-item"
                aria-current={each.key === object.key}
                onClick={() => choose(each.key)}
              >
                <ObjectIcon object={each} />
                <span>{say(each.label)}</span>
                <span className="blank">{each.fields.length}</span>
              </button>
            ))}
            <button type="button" className="split-item" onClick={() => setOpen("object")}>
              <Plus size={16} aria-hidden />
              <span>{t("addObject")}</span>
            </button>
          </nav>
        )}
        <div className="split-main">
          <Tabs
            key={object.key}
            items={[
              { key: "fields", label: t("fieldsOf"), children: <FieldList object={object} /> },
              { key: "form", label: t("formLayout"), children: <FormLayout object={object} /> },
              { key: "validations", label: t("validations"), children: <Validations object={object} /> },
              { key: "object", label: t("objectSettings"), children: <ObjectSettings object={object} /> },
            ]}
          />
        </div>
      </div>
      {open === "field" && <AddField object={object} onClose={close} />}
      {open === "object" && <AddObject objects={all} onMade={choose} onClose={close} />}
      {open === "component" && <ComponentDialog object={object} onClose={close} />}
      {open === "interview" && (
        <Suspense fallback={null}>
          <InterviewDialog object={object} onClose={close} />
        </Suspense>
      )}
      {open === "changes" && <ChangesDrawer onClose={close} />}
    </>
  );
}
