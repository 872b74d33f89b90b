import { Button, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { NewThing } from "../../designers/change/NewThing";
import { At, FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { both, LabelFields } from "../../designers/LabelFields";
import { FieldRights } from "./FieldRights";
import { AREAS, FORMULA, type Grant, grantOf, type Role, SCOPES, same, withGrant } from "./grants";

const ROWS = ["read", "update", "delete"] as const;
const SWITCHES = ["create", "export", "import"] as const;
// In the order people think of it: see, make, change, remove, take along.
const COLUMNS = ["read", "create", "update", "delete", "export", "import"] as const;

/** What a role may do with each object. */
export function RoleEditor({ role, objects }: { role: Role; objects: ObjectDef[] }) {
  const { t, say } = useWords();
  const [draft, setDraft] = useState(role);
  const [fieldsOf, setFieldsOf] = useState<ObjectDef>();
  const changed = !role.builtin && !same(draft, role);
  const change = useDraftChange(changed);
  if (role.builtin) return <p className="lead all-powerful">{t("administratorLead")}</p>;
  const put = (grant: Grant) => setDraft((before) => withGrant(before, grant));
  const name = say(role.label);
  const save = () =>
    change.ask({
      title: t("changeOf", { name }),
      actions: [{ action: "change_role", before: role, after: { ...draft, label: both(draft.label) } }],
    });
  const remove = () =>
    change.ask({ title: t("removeOf", { name }), actions: [{ action: "remove_role", role: role.key }] });
  return (
    <FaultPlaces draft={draft}>
      <div className="role">
        <Refused />
        <section className="role-head">
          <At place="label">
            <LabelFields label={draft.label} onChange={(label) => setDraft({ ...draft, label })} />
          </At>
          <div className="checks">
            <span className="blank">{t("mayManage")}</span>
            {AREAS.map((area) => (
              <Checkbox
                key={area}
                checked={draft.manages.includes(area)}
                onChange={(event) =>
                  setDraft({
                    ...draft,
                    manages: event.target.checked
                      ? [...draft.manages, area]
                      : draft.manages.filter((each) => each !== area),
                  })
                }
              >
                {t(`area.${area}`)}
              </Checkbox>
            ))}
          </div>
        </section>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well */}
        <section className="matrix" tabIndex={0} aria-label={say(draft.label)}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("objectWord")}</th>
                {COLUMNS.map((each) => (
                  <th key={each} scope="col">
                    {t(`may.${each}`)}
                  </th>
                ))}
                <th scope="col">{t("fieldRights")}</th>
              </tr>
            </thead>
            <tbody>
              {objects.map((object) => (
                <MatrixRow
                  key={object.key}
                  object={object}
                  grant={grantOf(draft, object.key)}
                  onChange={put}
                  onFields={() => setFieldsOf(object)}
                />
              ))}
            </tbody>
          </table>
        </section>
        <div className="layout-foot">
          <Button type="primary" disabled={!changed} onClick={save}>
            {t("preview")}
          </Button>
          {changed && (
            <Button type="text" onClick={() => setDraft(role)}>
              {t("discard")}
            </Button>
          )}
          <span className="gap" />
          <Button type="text" danger onClick={remove}>
            {t("removeRole")}
          </Button>
        </div>
        {fieldsOf && (
          <FieldRights
            object={fieldsOf}
            grant={grantOf(draft, fieldsOf.key)}
            onChange={put}
            onClose={() => setFieldsOf(undefined)}
          />
        )}
        <AskedChange change={change} />
      </div>
    </FaultPlaces>
  );
}

function MatrixRow(props: { object: ObjectDef; grant: Grant; onChange: (grant: Grant) => void; onFields: () => void }) {
  const { object, grant, onChange, onFields } = props;
  const { t, say } = useWords();
  const name = say(object.label);
  const special = Object.keys(grant.field_access).length;
  return (
    <tr data-none={grant.read === "none"}>
      <th scope="row">{name}</th>
      {COLUMNS.map((column) => (
        <td key={column} data-label={t(`may.${column}`)}>
          {isRow(column) ? (
            <Scope
              label={`${name} ${t(`may.${column}`)}`}
              place={`grants.${object.key}.${column}`}
              scope={grant[column]}
              onChange={(scope) => onChange({ ...grant, [column]: scope })}
            />
          ) : (
            <Checkbox
              aria-label={`${name} ${t(`may.${column}`)}`}
              checked={grant[column]}
              onChange={(event) => onChange({ ...grant, [column]: event.target.checked })}
            />
          )}
        </td>
      ))}
      <td data-label={t("fieldRights")}>
        <At place={`grants.${object.key}`}>
          <Button type="link" size="small" disabled={grant.read === "none" && !grant.create} onClick={onFields}>
            {t(`fieldAccess.${grant.fields}`)}
            {special > 0 && ` · ${t("exceptFields", { count: special })}`}
          </Button>
        </At>
      </td>
    </tr>
  );
}

const isRow = (column: (typeof COLUMNS)[number]): column is (typeof ROWS)[number] =>
  !SWITCHES.some((each) => each === column);

/** Whose records; by a formula where none of the usual answers fits. */
function Scope(props: { label: string; place: string; scope: string; onChange: (scope: string) => void }) {
  const { label, place, scope, onChange } = props;
  const { t } = useWords();
  const formula = scope.startsWith(FORMULA) ? scope.slice(FORMULA.length).trim() : undefined;
  return (
    <div className="scope" data-none={scope === "none"}>
      {/* Where there is a formula, what is wrong is wrong with that. */}
      <At place={formula === undefined ? place : `${place}.kind`}>
        <Select
          aria-label={label}
          variant="borderless"
          popupMatchSelectWidth={false}
          value={formula === undefined ? scope : FORMULA}
          onChange={(next) => onChange(next === FORMULA ? `${FORMULA} owner = ME()` : next)}
          options={[...SCOPES, FORMULA].map((value) => ({ value, label: t(`scope.${value.replace(":", "")}`) }))}
        />
      </At>
      {formula !== undefined && (
        <At place={place}>
          <Input
            aria-label={`${label} ${t("formulaWord")}`}
            size="small"
            value={formula}
            onChange={(event) => onChange(`${FORMULA} ${event.target.value}`)}
          />
        </At>
      )}
    </div>
  );
}

/** A new role; it grants nothing yet. */
export function NewRole(props: { roles: Role[]; onMade: (key: string) => void; onClose: () => void }) {
  const { roles, onMade, onClose } = props;
  const { t } = useWords();
  return (
    <NewThing
      title={t("addRole")}
      taken={roles.map((each) => each.key)}
      word="role"
      actionOf={(key, label) => ({ action: "add_role", role: { key, label } })}
      onMade={onMade}
      onClose={onClose}
    />
  );
}
