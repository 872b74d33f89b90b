import { Drawer, Segmented } from "antd";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { type FieldAccess, type Grant, withField } from "./grants";

const ACCESS: FieldAccess[] = ["none", "read", "write"];
const SYSTEM = new Set(["owner"]);

/** Field by field: hidden, only read, or written; the first line is what holds for all that are not named. */
export function FieldRights(props: {
  object: ObjectDef;
  grant: Grant;
  onChange: (grant: Grant) => void;
  onClose: () => void;
}) {
  const { object, grant, onChange, onClose } = props;
  const { t, say } = useWords();
  const options = ACCESS.map((value) => ({ value, label: t(`fieldAccess.${value}`) }));
  const owner = (object.system_fields ?? []).filter((each) => SYSTEM.has(each.key));
  return (
    <Drawer open onClose={onClose} size={460} title={`${t("fieldRights")} · ${say(object.label)}`}>
      <ul className="rights">
        <li>
          <b>{t("usualRights")}</b>
          <Segmented
            aria-label={t("usualRights")}
            size="small"
            value={grant.fields}
            options={options}
            onChange={(fields) => onChange({ ...grant, fields })}
          />
        </li>
        {[...object.fields, ...owner].map((field) => {
          // Whose a record is has to be given by name.
          const usual = SYSTEM.has(field.key) ? "read" : grant.fields;
          const access = grant.field_access[field.key] ?? usual;
          return (
            <li key={field.key} data-special={field.key in grant.field_access}>
              <span>{say(field.label)}</span>
              <Segmented
                aria-label={say(field.label)}
                size="small"
                value={access}
                options={options}
                onChange={(next) =>
                  onChange(
                    SYSTEM.has(field.key)
                      ? { ...grant, field_access: { ...grant.field_access, [field.key]: next } }
                      : withField(grant, field.key, next),
                  )
                }
              />
            </li>
          );
        })}
      </ul>
    </Drawer>
  );
}
