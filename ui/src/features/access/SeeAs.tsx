import { useQuery } from "@tanstack/react-query";
import { Drawer, Select, Tabs } from "antd";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import type { ObjectDef, Page } from "../../api/types";
import { useWords } from "../../app/language";
import { RecordPicker } from "../../designers/RecordPicker";
import { Value } from "../../meta/Value";
import { columnsOf } from "../records/columns";

const ACTIONS = ["read", "create", "update", "delete", "export", "import"] as const;
const MOST_COLUMNS = 6;

/** The records a person sees, asked through the very door they would use; and why they may or may not. */
export function SeeAs({ objects, onClose }: { objects: ObjectDef[]; onClose: () => void }) {
  const { t, say } = useWords();
  const [id, setId] = useState<string>();
  const [key, setKey] = useState(objects.find((each) => !each.builtin)?.key ?? objects[0]?.key);
  const object = objects.find((each) => each.key === key);
  return (
    <Drawer open onClose={onClose} size={860} title={t("seeAs")}>
      <p className="lead">{t("seeAsLead")}</p>
      <div className="see-as">
        <RecordPicker object="person" label={t("personWord")} value={id} onChange={setId} />
        <Select
          aria-label={t("objectWord")}
          value={key ?? null}
          onChange={(next: string | null) => setKey(next ?? undefined)}
          options={objects.map((each) => ({ value: each.key, label: say(each.label) }))}
        />
      </div>
      {id !== undefined && object !== undefined && (
        <Tabs
          key={`${id} ${object.key}`}
          items={[
            { key: "rows", label: t("whatTheySee"), children: <Rows person={id} object={object} /> },
            { key: "why", label: t("why"), children: <Why person={id} object={object} /> },
          ]}
        />
      )}
    </Drawer>
  );
}

function Rows({ person, object }: { person: string; object: ObjectDef }) {
  const { t, say, language } = useWords();
  const found = useQuery({
    queryKey: ["access", "preview", person, object.key],
    queryFn: () =>
      told(
        api.GET("/api/access/preview/{person}/{object}", {
          params: { path: { person, object: object.key }, query: { limit: 50 } },
        }),
      ) as Promise<Page>,
    retry: false,
  });
  if (found.isError) return <p className="fault">{found.error.message}</p>;
  if (!found.data) return <p className="blank">{t("loading")}</p>;
  const rows = found.data.items;
  // A field that is hidden from the person is not in their rows at all.
  const columns = columnsOf(object)
    .filter((each) => rows.some((row) => each.key in row))
    .slice(0, MOST_COLUMNS);
  return (
    <>
      <p className="blank">{t("total", { count: found.data.count ?? rows.length })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well */}
      <section className="matrix" tabIndex={0} aria-label={t("whatTheySee")}>
        <table>
          <thead>
            <tr>
              {columns.map((each) => (
                <th key={each.key} scope="col">
                  {say(each.label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                {columns.map((each) => (
                  <td key={each.key}>
                    <Value field={each} value={row[each.key]} language={language} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Why({ person, object }: { person: string; object: ObjectDef }) {
  const { t, say } = useWords();
  const model = useModel().data;
  const [action, setAction] = useState<(typeof ACTIONS)[number]>("read");
  const [about, setAbout] = useState<string>();
  const [id, setId] = useState<string>();
  const asked = {
    person,
    object: object.key,
    action,
    ...(about !== undefined && { field: about }),
    ...(id !== undefined && { id }),
  };
  const found = useQuery({
    queryKey: ["access", "explain", asked],
    queryFn: () => told(api.GET("/api/access/explain", { params: { query: asked } })),
    retry: false,
  });
  const roles = model?.roles ?? [];
  return (
    <>
      <div className="see-as">
        <Select
          aria-label={t("actionWord")}
          value={action}
          onChange={setAction}
          options={ACTIONS.map((value) => ({ value, label: t(`may.${value}`) }))}
        />
        <Select
          aria-label={t("field")}
          allowClear
          placeholder={t("wholeRecord")}
          {...(about === undefined ? {} : { value: about })}
          onChange={(next: string | undefined) => setAbout(next)}
          options={object.fields.map((each) => ({ value: each.key, label: say(each.label) }))}
        />
        <RecordPicker object={object.key} label={t("oneRecord")} value={id} onChange={setId} />
      </div>
      {found.isError && <p className="fault">{found.error.message}</p>}
      {found.data && (
        <section className="verdict" aria-live="polite">
          <h3>
            <Sign holds={found.data.allowed} />
            {found.data.verdict}
          </h3>
          <ul>
            {found.data.reasons.map((each) => (
              <li key={`${each.role}${each.scope}${each.text}`}>
                <Sign holds={each.holds} />
                <span>{each.text}</span>
                {each.role && <span className="chip">{say(roles.find((one) => one.key === each.role)?.label)}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** By shape and word, not only by colour. */
function Sign({ holds }: { holds: boolean | null }) {
  const { t } = useWords();
  if (holds === null) return null;
  return holds ? (
    <Check size={15} className="holds" aria-label={t("yes")} />
  ) : (
    <X size={15} className="fails" aria-label={t("no")} />
  );
}
